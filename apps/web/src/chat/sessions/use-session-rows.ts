import { useVirtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

const HEADING_PX = 32;
/** A row with two lines, and the space below it. On a touch screen its buttons need less. */
const SESSION_PX = 58;

/** Virtual list of headings and sessions, whose heights are fixed. */
export function useSessionRows(scroller: RefObject<HTMLElement | null>, rows: { key: string; session: unknown }[]) {
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.key ?? index,
    estimateSize: (index) => (rows[index]?.session ? SESSION_PX : HEADING_PX),
    overscan: 8,
  });
  return { virtual, items: virtual.getVirtualItems() };
}
