import { useEffect, useRef, useState } from 'react';

/** The end of a text that a person has to have had in view. */
export type End = ReturnType<typeof useEnd>;

/**
 * Knows whether the end of a text was in view: at the element of `mark`, on the screen, clipped by nothing that scrolls.
 * Once it was, it stays so, until the text is another one.
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
    /** At first it was not in view, or is not yet. */
    wasHidden: hidden === text,
    show() {
      mark.current?.scrollIntoView({ block: 'nearest' });
      box.current?.focus({ preventScroll: true });
    },
  };
}
