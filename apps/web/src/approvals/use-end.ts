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
  const isSeen = seen === text;
  return {
    box,
    mark,
    isSeen,
    /** It is out of view; of a text that scrolls it stays true, so that a hint does not go while somebody uses it. */
    wasHidden: hidden?.text === text && (!isSeen || hidden.scrolls),
    show() {
      mark.current?.scrollIntoView({ block: 'nearest' });
      box.current?.focus({ preventScroll: true });
    },
  };
}
