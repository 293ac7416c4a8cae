import { type RefObject, useCallback, useRef } from 'react';

/** Distance from the end that still counts as the end. */
export const END_THRESHOLD_PX = 8;

/**
 * Keeps a scroller at its end while its content grows, until the reader scrolls up. The virtual list follows the end
 * too, but loses it when the content grows between a jump to the end and the scroll event of that jump.
 */
export function useFollowEnd(scroller: RefObject<HTMLElement | null>, isEnabled: boolean, isInitiallyAtEnd: boolean) {
  const state = useRef({ isFollowing: isInitiallyAtEnd, top: 0, height: 0 });

  /** Returns whether the reader has scrolled, also if the scroll event follows. */
  const hasMoved = useCallback((element: Element) => Math.abs(element.scrollTop - state.current.top) > 1, []);

  /**
   * Finds out whether the reader has scrolled up. All other changes of the position are known: `notePosition` is called
   * when the virtual list scrolls.
   */
  const track = useCallback((element: HTMLElement) => {
    const { isFollowing, top, height } = state.current;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const distance = scrollHeight - scrollTop - clientHeight;
    const hasScrolledUp = scrollTop < top - 1 && scrollHeight >= height;
    state.current = {
      isFollowing: distance <= END_THRESHOLD_PX || (isFollowing && !hasScrolledUp),
      ...{ top: scrollTop, height: scrollHeight },
    };
    return { distance, isFollowing: state.current.isFollowing };
  }, []);

  const scrollToEnd = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    state.current = { isFollowing: true, top: element.scrollTop, height: element.scrollHeight };
  }, [scroller]);

  /**
   * Scrolls to the end if the content has grown there. The reader may have scrolled up since, and the scroll event of
   * that follows. Returns the distance from the end.
   */
  const follow = useCallback(() => {
    if (!scroller.current) return 0;
    const { distance, isFollowing } = track(scroller.current);
    if (!isEnabled || !isFollowing || distance <= 1) return distance;
    scrollToEnd();
    return 0;
  }, [scroller, isEnabled, track, scrollToEnd]);

  const notePosition = useCallback((element: Element) => {
    state.current.top = element.scrollTop;
  }, []);

  /** Stops to follow, for a jump to another place. */
  const unfollow = useCallback(() => {
    state.current.isFollowing = false;
  }, []);
  return { hasMoved, track, scrollToEnd, follow, notePosition, unfollow };
}
