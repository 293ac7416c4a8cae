import { useEffect, useRef, useState } from 'react';

/** State of a text whose end has to be in view before a decision. */
export type End = ReturnType<typeof useEnd>;

/**
 * Tracks whether the end of a text, the element `mark`, was visible: on the screen and not clipped by a scrolling
 * ancestor. It is reset when the text changes.
 */
export function useEnd(text: string) {
  const box = useRef<HTMLPreElement>(null);
  const mark = useRef<HTMLSpanElement>(null);
  const [seen, setSeen] = useState<string | null>(null);
  const [hidden, setHidden] = useState<{ text: string; scrolls: boolean } | null>(null);
  useEffect(() => {
    if (!mark.current) return;
    const onChange = (entries: IntersectionObserverEntry[]) => {
      if (entries.some((entry) => entry.isIntersecting && entry.intersectionRatio >= 0.5)) {
        setSeen(text);
        observer.disconnect();
        return;
      }
      const { scrollHeight = 0, clientHeight = 0 } = box.current ?? {};
      setHidden({ text, scrolls: scrollHeight > clientHeight });
    };
    const observer = new IntersectionObserver(onChange, { threshold: 0.5 });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [text]);
  const isVisible = seen === text;
  return {
    box,
    mark,
    isVisible,
    /** The end was out of view. Stays true for a text that scrolls, so that the hint remains while it is used. */
    wasHidden: hidden?.text === text && (!isVisible || hidden.scrolls),
    show() {
      mark.current?.scrollIntoView({ block: 'nearest' });
      box.current?.focus({ preventScroll: true });
    },
  };
}
