/** What helps with a prompt while it is worked on: completions, the number of tokens, and hints. */

import { useCallback, useEffect, useState } from 'react';
import type { PromptField } from './field';
import { useServed } from './knowledge';
import { PromptStatus } from './PromptStatus';
import { Suggestions } from './Suggestions';
import { useCompletion } from './useCompletion';
import './prompt.css';

const SAID_MILLISECONDS = 6000;

export default function PromptHelps(field: PromptField) {
  const served = useServed();
  const [added, setAdded] = useState<string | null>(null);
  const tell = useCallback((lora: string) => setAdded(lora), []);
  const { open, pick } = useCompletion(field, served, tell);
  useEffect(() => {
    if (added === null) return;
    const timer = setTimeout(() => setAdded(null), SAID_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [added]);
  return (
    <>
      <PromptStatus field={field} embeddings={served.embeddings} added={added} />
      {open !== null && <Suggestions field={field} open={open} onPick={pick} />}
    </>
  );
}
