import { useEffect, useRef, useState } from 'react';

/** The state of a text whose end must have been in view. */
export type End = ReturnType<typeof useEnd>;

/**
 * Tracks whether the end of a text, the element `mark`, was on the screen and not clipped by anything that scrolls. It
 * is reset when the text changes.
 */
export function useEnd(text: string) {
  const box = useRef<HTMLPreElement>(null);
  const mark = useRef<HTMLSpanElement>(null);
  const [seen, setSeen] = useState<string | null>(null);
  const [hidden, setHidden] = useState<string | null>(null);
  useEffect(() => {
    if (!mark.current) return;
    const onChange = (entries: IntersectionObserverEntry[]) => {
      if (entries.some((entry) => entry.isIntersecting && entry.intersectionRatio >= 0.5)) {
        setSeen(text);
        observer.disconnect();
      } else setHidden(text);
    };
    const observer = new IntersectionObserver(onChange, { threshold: 0.5 });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [text]);
  return {
    box,
    mark,
    isSeen: seen === text,
    /** Also true later: the end was not in view at first. */
    wasHidden: hidden === text,
    show() {
      mark.current?.scrollIntoView({ block: 'nearest' });
      box.current?.focus({ preventScroll: true });
    },
  };
}
