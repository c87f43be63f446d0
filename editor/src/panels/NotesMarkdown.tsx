/** Markdown of notes and help, shown as cleaned HTML. */

import { useEffect, useState } from 'react';
import './notesMarkdown.css';

type Render = (text: string) => string;
let renderer: Promise<Render> | null = null;

/** Loaded when the first note is shown. */
function load(): Promise<Render> {
  renderer ??= import('./markdown').then((module) => module.cleanHtml);
  return renderer;
}

export function NotesMarkdown({ text }: { readonly text: string }) {
  const [html, setHtml] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    void load().then((render) => wanted && setHtml(render(text)));
    return () => {
      wanted = false;
    };
  }, [text]);
  if (html === null) return <div className="markdown plain">{text}</div>;
  // The one place where text becomes markup; markdown.ts cleans it, and is tested for that.
  return <div className="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
}
