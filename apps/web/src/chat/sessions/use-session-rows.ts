import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

const HEADING_PX = 32;
/** A row with two lines, and the space below it. On a touch screen its buttons need less. */
const SESSION_PX = 58;

type Rows = { key: string; session: unknown }[];

/**
 * Virtual list of headings and sessions, whose heights are fixed. The row with the key `active` is always rendered, so
 * that it does not lose the focus when it moves.
 */
export function useSessionRows(scroller: RefObject<HTMLElement | null>, rows: Rows, active: string | undefined) {
  const activeIndex = rows.findIndex(({ key }) => key === active);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.key ?? index,
    estimateSize: (index) => (rows[index]?.session ? SESSION_PX : HEADING_PX),
    overscan: 8,
    rangeExtractor: (range) => {
      const indexes = defaultRangeExtractor(range);
      return activeIndex < 0 || indexes.includes(activeIndex) ? indexes : [...indexes, activeIndex];
    },
  });
  return { virtual, items: virtual.getVirtualItems() };
}
