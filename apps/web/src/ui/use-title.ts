import { useEffect } from 'react';

const APP = 'IT0';
let title = APP;
let pending = 0;

const apply = () => {
  document.title = pending > 0 ? `(${pending}) ${title}` : title;
};

/** Sets the title of the window while the component is mounted. Null leaves it unchanged. */
export function useTitle(text: string | null) {
  useEffect(() => {
    if (text === null) return;
    title = `${text} · ${APP}`;
    apply();
    return () => {
      title = APP;
      apply();
    };
  }, [text]);
}

/** Puts the number of pending approvals before the title of the window. */
export function useTitleCount(count: number) {
  useEffect(() => {
    pending = count;
    apply();
    return () => {
      pending = 0;
      apply();
    };
  }, [count]);
}
