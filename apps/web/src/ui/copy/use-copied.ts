import { useEffect, useState } from 'react';

/** Time for which a button shows that it has copied something. */
const COPIED_MS = 1_600;

/** Returns a function that copies a text, and whether it has just done so. */
export function useCopied() {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (text: string) => {
    await copyText(text);
    setCopied(true);
  };
  return { copied, copy };
}

/** Copies a text. Without HTTPS there is no clipboard API, so the deprecated command is used. */
async function copyText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  // Inside an open dialog, since elements outside of it cannot get the focus.
  (document.querySelector('[role$=dialog]') ?? document.body).append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
