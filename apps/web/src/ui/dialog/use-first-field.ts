import { useCallback } from 'react';

const FIELD = ':is(input:not([type=hidden], [type=radio]:not(:checked)), select, textarea):not(:disabled)';

/**
 * Returns a ref for a dialog that focuses its first field, also if the field is rendered later, and otherwise the dialog
 * itself. On a touch screen, it is always the dialog, since the keyboard would cover it.
 */
export function useFirstField() {
  return useCallback((dialog: HTMLElement | null) => {
    if (!dialog || matchMedia('(pointer: coarse)').matches) return;
    const focusField = () => {
      const { activeElement } = document;
      // The user was faster.
      if (activeElement !== dialog && dialog.contains(activeElement)) return observer.disconnect();
      const field = dialog.querySelector<HTMLElement>(FIELD);
      if (!field) return;
      field.focus();
      observer.disconnect();
    };
    const observer = new MutationObserver(focusField);
    observer.observe(dialog, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);
}

/** Focuses a dialog itself instead of its first button. */
export function focusDialog(event: Event) {
  event.preventDefault();
  const dialog = event.currentTarget as HTMLElement;
  dialog.focus();
  if (matchMedia('(pointer: coarse)').matches) return;
  dialog.querySelector<HTMLElement>(FIELD)?.focus();
}
