import type { Turn } from '@it0/client/reduce-chat';
import { type RefObject, useCallback, useRef } from 'react';
import { estimateTurn } from './estimate-turn.ts';

/** Widest row of text, and the height of an unsent message's row. */
const MAX_TEXT_PX = 768;
const OUTGOING_PX = 100;

/** Returns a function that estimates the height of a row from its content. */
export function useRowEstimate(scroller: RefObject<HTMLElement | null>, turns: Turn[]) {
  const current = useRef(turns);
  current.current = turns;
  return useCallback(
    (index: number) => {
      const turn = current.current[index];
      if (!turn) return OUTGOING_PX;
      return estimateTurn(turn, Math.min(scroller.current?.clientWidth ?? MAX_TEXT_PX, MAX_TEXT_PX));
    },
    [scroller],
  );
}
