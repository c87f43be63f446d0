/** The list of nodes at the pointer: type, choose, and the node stands there, wired to the link that was dropped. */

import { X } from 'lucide-react';
import {
  type CSSProperties,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { isNarrow } from '../app/interface';
import { placeNode } from '../app/placing';
import { candidates } from '../model/connect';
import { type NodeDefinition, packOf } from '../model/definition';
import { useDefinitions } from '../state/definitions';
import { typeColour } from '../theme/typeColours';
import { type PalettePlace, useNodePalette } from './nodePaletteStore';
import { found, OWN_PACK } from './nodeSearch';
import './nodePalette.css';

export { useNodePalette } from './nodePaletteStore';

const WIDTH = 400;
const HEIGHT = 420;
const EDGE = 8;
/** More than anybody reads; typing another letter is quicker. */
const MOST_SHOWN = 80;

export function NodePalette() {
  const place = useNodePalette((state) => state.place);
  return place === null ? null : <Palette key={`${place.screen.join()}`} place={place} />;
}

/** Within the window, wherever it was asked for. */
function geometry(place: PalettePlace): CSSProperties {
  // On a phone the keys come up over the lower half.
  const [x, y] = isNarrow() ? [0, 0] : place.screen;
  const width = Math.min(WIDTH, window.innerWidth - 2 * EDGE);
  const height = Math.min(HEIGHT, window.innerHeight - 2 * EDGE);
  return {
    width,
    maxHeight: height,
    left: Math.max(EDGE, Math.min(x, window.innerWidth - width - EDGE)),
    top: Math.max(EDGE, Math.min(y, window.innerHeight - height - EDGE)),
  };
}

function useResults(place: PalettePlace, text: string, filtered: boolean): readonly NodeDefinition[] {
  const definitions = useDefinitions((state) => state.definitions);
  const recent = useNodePalette((state) => state.recent);
  const { from } = place;
  const offered = useMemo(() => {
    if (from === undefined || !filtered) return [...definitions.values()];
    return candidates(definitions, from.type, from.side === 'output' ? 'input' : 'output');
  }, [definitions, from, filtered]);
  return useMemo(() => found(offered, text, recent).slice(0, MOST_SHOWN), [offered, text, recent]);
}

function Palette({ place }: { readonly place: PalettePlace }) {
  const { t } = useTranslation();
  const close = useNodePalette((state) => state.close);
  const [text, setText] = useState('');
  const [filtered, setFiltered] = useState(true);
  const [marked, setMarked] = useState(0);
  const results = useResults(place, text, filtered);
  const list = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const id = useId();
  const at = Math.min(marked, results.length - 1);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView?.({ block: 'nearest' });
  }, [at]);

  const choose = (definition: NodeDefinition | undefined): void => {
    if (definition === undefined) return;
    close();
    const { from, ...free } = place;
    placeNode(definition, filtered || from === undefined ? place : free);
  };
  const widen = (): void => {
    setFiltered(false);
    box.current?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const action = KEYS[event.key];
    if (event.key === 'Enter') choose(results[at]);
    else if (event.key === 'Escape') close();
    else if (event.key === 'Backspace' && text === '') widen();
    else if (action !== undefined) setMarked(Math.max(0, Math.min(results.length - 1, at + action)));
    if (event.key === 'Enter' || event.key === 'Escape' || action !== undefined) event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <button
        type="button"
        className="palette-behind"
        tabIndex={-1}
        aria-label={t('panels.close')}
        onClick={close}
      />
      <div
        className="palette"
        role="dialog"
        aria-label={t('palette.title')}
        style={geometry(place)}
        onKeyDown={onKey}
      >
        <div className="palette-top">
          {place.from !== undefined && filtered && <Filter type={place.from.type} onRemove={widen} />}
          <SearchBox
            box={box}
            list={id}
            marked={results[at] === undefined ? undefined : `${id}-${at}`}
            text={text}
            onText={(written) => {
              setText(written);
              setMarked(0);
            }}
          />
        </div>
        {results.length === 0 && <p className="empty">{t('palette.none')}</p>}
        <Results id={id} list={list} results={results} at={at} onPoint={setMarked} onChoose={choose} />
      </div>
    </>
  );
}

interface ResultsProps {
  readonly id: string;
  readonly list: RefObject<HTMLDivElement | null>;
  readonly results: readonly NodeDefinition[];
  /** Which one is marked. */
  readonly at: number;
  readonly onPoint: (at: number) => void;
  readonly onChoose: (definition: NodeDefinition) => void;
}

function Results({ id, list, results, at, onPoint, onChoose }: ResultsProps) {
  const { t } = useTranslation();
  return (
    <div className="palette-list" id={id} ref={list} role="listbox" aria-label={t('palette.title')}>
      {results.map((definition, index) => (
        <Result
          key={definition.id}
          id={`${id}-${index}`}
          definition={definition}
          marked={index === at}
          onPoint={() => onPoint(index)}
          onChoose={() => onChoose(definition)}
        />
      ))}
    </div>
  );
}

interface SearchBoxProps {
  readonly box: RefObject<HTMLInputElement | null>;
  /** The id of the list below it. */
  readonly list: string;
  /** The id of the result that Enter takes. */
  readonly marked: string | undefined;
  readonly text: string;
  readonly onText: (text: string) => void;
}

function SearchBox({ box, list, marked, text, onText }: SearchBoxProps) {
  const { t } = useTranslation();
  return (
    <input
      ref={box}
      // biome-ignore lint/a11y/noAutofocus: the box is what was asked for
      autoFocus
      role="combobox"
      aria-expanded="true"
      aria-controls={list}
      aria-activedescendant={marked}
      aria-label={t('palette.search')}
      placeholder={t('palette.search')}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => onText(event.target.value)}
    />
  );
}

const KEYS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

function Filter({ type, onRemove }: { readonly type: string; readonly onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <span className="chip">
      <span className="dot" style={{ '--dot': typeColour(type) } as CSSProperties} />
      <span className="ellipsis">{type}</span>
      <button type="button" aria-label={t('palette.removeFilter', { type })} onClick={onRemove}>
        <X size={12} />
      </button>
    </span>
  );
}

interface ResultProps {
  readonly id: string;
  readonly definition: NodeDefinition;
  readonly marked: boolean;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
}

function Result({ id, definition, marked, onPoint, onChoose }: ResultProps) {
  const { t } = useTranslation();
  const [line] = definition.description.split('\n');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the box, which names the marked row
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box
    <div
      className="palette-item"
      id={id}
      role="option"
      aria-selected={marked}
      onPointerMove={onPoint}
      onClick={onChoose}
    >
      <span className="palette-name">
        <span className="ellipsis">{definition.displayName}</span>
        {definition.deprecated && <span className="tag">{t('palette.deprecated')}</span>}
        {definition.experimental && <span className="tag">{t('palette.experimental')}</span>}
        <span className="palette-category ellipsis">{definition.category.replaceAll('/', ' › ')}</span>
      </span>
      <span className="palette-about">
        <span className="palette-line ellipsis">{line}</span>
        <span className="palette-pack ellipsis" title={definition.module}>
          {packOf(definition) ?? OWN_PACK}
        </span>
      </span>
    </div>
  );
}
