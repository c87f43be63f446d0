/** A table of which only the rows in sight are made, however many there are. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';

const MOST_PLAIN = 60;

interface VirtualTableProps {
  readonly label: string;
  readonly columns: readonly { readonly name: string; readonly className?: string }[];
  readonly count: number;
  readonly keyOf: (index: number) => string;
  readonly rowHeight: number;
  /** Index in the whole, and what the row is measured by. */
  readonly row: (index: number, measure: (element: Element | null) => void) => ReactNode;
  readonly className?: string;
}

export function VirtualTable({
  label,
  columns,
  count,
  keyOf,
  rowHeight,
  row,
  className = '',
}: VirtualTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isVirtual = count > MOST_PLAIN;
  const virtual = useVirtualizer({
    count,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: keyOf,
    overscan: 6,
    initialRect: { width: 280, height: 600 },
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items.at(0), items.at(-1)];
  const above = isVirtual ? (first?.start ?? 0) : 0;
  const below = isVirtual ? virtual.getTotalSize() - (last?.end ?? 0) : 0;
  const indices = isVirtual
    ? items.map((item) => item.index)
    : Array.from({ length: count }, (_, index) => index);
  return (
    <div ref={scroller} className={`outline-rows ${className}`}>
      <table aria-label={label} aria-rowcount={count + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={column.className}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <Space height={above} />
        {indices.map((index) => row(index, virtual.measureElement))}
        <Space height={below} />
      </table>
    </div>
  );
}

/** In place of the rows that are not made. */
function Space({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    <tbody aria-hidden>
      <tr>
        <td style={{ height }} />
      </tr>
    </tbody>
  );
}
