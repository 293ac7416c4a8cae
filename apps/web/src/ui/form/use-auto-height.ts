import { type RefObject, useLayoutEffect } from 'react';

/** Gives a field the height of its text, up to its maximum height. */
export function useAutoHeight(field: RefObject<HTMLTextAreaElement | null>, text: string) {
  useLayoutEffect(() => {
    const { current } = field;
    if (!current) return;
    current.style.height = 'auto';
    const borders = current.offsetHeight - current.clientHeight;
    current.style.height = `${current.scrollHeight + borders}px`;
  }, [field, text]);
}
