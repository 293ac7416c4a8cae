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
  const [hidden, setHidden] = useState<{ text: string; lines: number } | null>(null);
  useEffect(() => {
    if (!mark.current) return;
    const onChange = (entries: IntersectionObserverEntry[]) => {
      if (entries.some((entry) => entry.isIntersecting && entry.intersectionRatio >= 0.5)) {
        setSeen(text);
        observer.disconnect();
        return;
      }
      setHidden({ text, lines: box.current ? countLinesBelow(box.current) : 0 });
    };
    const observer = new IntersectionObserver(onChange, { threshold: 0.5 });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [text]);
  const isVisible = seen === text;
  const hiddenLines = hidden?.text === text ? hidden.lines : 0;
  return {
    box,
    mark,
    isVisible,
    /** The end was out of view. Stays true for a text that scrolls, so that the hint remains while it is used. */
    wasHidden: hidden?.text === text && (!isVisible || hiddenLines > 0),
    /** Lines that did not fit into the box; 0 if only the box is out of view. */
    hiddenLines,
    show() {
      mark.current?.scrollIntoView({ block: 'nearest' });
      box.current?.focus({ preventScroll: true });
    },
  };
}

/** Returns the number of lines, also of wrapped ones, below those in view. */
function countLinesBelow(box: HTMLElement) {
  const hiddenPx = box.scrollHeight - box.clientHeight - box.scrollTop;
  return Math.max(0, Math.ceil(hiddenPx / Number.parseFloat(getComputedStyle(box).lineHeight)));
}
