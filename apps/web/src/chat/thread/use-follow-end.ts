import { type RefObject, useCallback, useLayoutEffect, useRef } from 'react';

/** Distance from the end that still counts as the end. */
export const END_THRESHOLD_PX = 8;

/**
 * Keeps a scroller at its end while its content grows, until the reader scrolls up. The virtual list follows the end
 * too, but loses it when the content grows between a jump to the end and the scroll event of that jump.
 */
export function useFollowEnd(scroller: RefObject<HTMLElement | null>, isEnabled: boolean, isInitiallyAtEnd: boolean) {
  const state = useRef({ isFollowing: isInitiallyAtEnd, top: 0, height: 0 });

  /** Finds out whether the reader has scrolled: without them, the position changes only with the height. */
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

  // After every render, since any of them can change the height.
  useLayoutEffect(() => {
    if (!scroller.current || !isEnabled) return;
    const { distance, isFollowing } = track(scroller.current);
    if (isFollowing && distance > 1) scrollToEnd();
  });

  /** Stops to follow, for a jump to another place. */
  const unfollow = useCallback(() => {
    state.current.isFollowing = false;
  }, []);
  return { track, scrollToEnd, unfollow };
}
