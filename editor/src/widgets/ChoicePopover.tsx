/** A list in a layer of its own, with a search box: only rows in sight are made, and all of it works with the keyboard. */

import { Check, TriangleAlert } from 'lucide-react';
import { Popover } from 'radix-ui';
import type { RefObject, SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { sameJson } from '../model/json';
import type { Json } from '../model/types';
import type { Choice } from './choices';
import { ROW, type RowList, useRowList } from './useRowList';

export interface ChoicePopoverProps {
  readonly id: string;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly Json[];
  readonly isMultiple?: boolean;
  readonly initialSearch?: string;
  readonly onPick: (choice: Json) => void;
  /** Closed with the keyboard: the field gets it back. */
  readonly onClose: () => void;
  /** Closed because something else was pressed. */
  readonly onLeave: () => void;
}

/** What is done in the list is no gesture on the node that the list belongs to. */
const APART = Object.fromEntries(
  ['onClick', 'onDoubleClick', 'onContextMenu', 'onMouseDown', 'onPointerDown', 'onWheel', 'onKeyDown'].map(
    (name) => [name, (event: SyntheticEvent) => event.stopPropagation()],
  ),
);

export function ChoicePopover(props: ChoicePopoverProps) {
  const { id, anchor, label, onClose, onLeave } = props;
  return (
    <Popover.Root open onOpenChange={(open) => open || onClose()}>
      <Popover.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Popover.Portal>
        <Popover.Content
          id={id}
          className="widget-popover nodrag nopan nowheel nokey"
          aria-label={label}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            const box = (event.currentTarget as HTMLElement | null)?.querySelector('input');
            box?.focus({ preventScroll: true });
            box?.setSelectionRange(box.value.length, box.value.length);
          }}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => {
            event.preventDefault();
            // A press on the field itself closes the list there.
            if (!(event.target instanceof Node && anchor.current?.contains(event.target))) onLeave();
          }}
          {...APART}
        >
          <ChoiceList {...props} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ChoiceList(props: ChoicePopoverProps) {
  const { id, label, choices, chosen, isMultiple = false, initialSearch = '', onPick, onClose } = props;
  const { t } = useTranslation();
  const isChosen = (choice: Choice): boolean => chosen.some((each) => sameJson(each, choice.value));
  const list = useRowList({ choices, isChosen, initialSearch, onPick, onClose });
  return (
    <>
      <SearchBox id={id} list={list} />
      <div ref={list.scroller} className="widget-options">
        <div
          id={`${id}-list`}
          role="listbox"
          aria-label={label}
          aria-multiselectable={isMultiple || undefined}
          style={list.isVirtual ? { height: list.height, minWidth: widthOf(choices) } : undefined}
        >
          {list.indices.map((index) => {
            const choice = list.rows[index];
            if (choice === undefined) return null;
            return (
              <Option
                key={`${choice.isMissing} ${typeof choice.value} ${choice.text}`}
                id={`${id}-${index}`}
                choice={choice}
                index={index}
                list={list}
                isChosen={isChosen(choice)}
                onPick={onPick}
              />
            );
          })}
        </div>
        {list.rows.length === 0 && <p className="widget-none">{t('widgets.nothingFound')}</p>}
      </div>
      <span className="visually-hidden" role="status">
        {t('widgets.found', { count: list.rows.length })}
      </span>
    </>
  );
}

/** Keeps the keyboard while the list is open. */
function SearchBox({ id, list }: { readonly id: string; readonly list: RowList }) {
  const { t } = useTranslation();
  return (
    <input
      type="text"
      role="combobox"
      className="widget-search"
      autoComplete="off"
      spellCheck={false}
      aria-expanded
      aria-autocomplete="list"
      aria-controls={`${id}-list`}
      aria-activedescendant={list.rows.length > 0 ? `${id}-${list.marked}` : undefined}
      aria-label={t('widgets.search')}
      placeholder={t('widgets.search')}
      value={list.search}
      onChange={(event) => list.look(event.currentTarget.value)}
      onKeyDown={list.press}
    />
  );
}

/** Rows that lie freely in a list do not widen it: about as wide as the longest text needs. */
function widthOf(choices: readonly Choice[]): number {
  const longest = choices.reduce((most, { text }) => Math.max(most, text.length), 0);
  return Math.min(490, 50 + 7 * longest);
}

interface OptionProps {
  readonly id: string;
  readonly choice: Choice;
  readonly index: number;
  readonly list: RowList;
  readonly isChosen: boolean;
  readonly onPick: (choice: Json) => void;
}

function Option({ id, choice, index, list, isChosen, onPick }: OptionProps) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the search box, which marks and picks options.
    // biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant.
    <div
      id={id}
      role="option"
      className="widget-option"
      aria-selected={isChosen}
      aria-setsize={list.rows.length}
      aria-posinset={index + 1}
      data-marked={index === list.marked || undefined}
      data-missing={choice.isMissing || undefined}
      title={choice.isMissing ? t('widgets.missing', { value: choice.text }) : choice.text}
      style={list.isVirtual ? { position: 'absolute', top: index * ROW, insetInline: 0 } : undefined}
      onClick={() => onPick(choice.value)}
    >
      <span className="widget-check" aria-hidden>
        {isChosen && <Check size={13} />}
      </span>
      <span className="ellipsis">{choice.text || t('widgets.empty')}</span>
      {choice.isMissing && (
        <>
          <TriangleAlert size={13} aria-hidden />
          <span className="visually-hidden">{t('widgets.missing', { value: choice.text })}</span>
        </>
      )}
    </div>
  );
}
