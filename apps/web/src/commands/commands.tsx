import { lazy, Suspense, useEffect, useState } from 'react';
import { getPreference } from '../settings/preferences.ts';
import { focusArea } from './focus-area.ts';
import { useCommand } from './registered-commands.ts';
import { findShortcut, type ShortcutAction } from './shortcuts.ts';

// Lazy, since most pages are used without them.
const Palette = lazy(() => import('./palette.tsx'));
const ShortcutSheet = lazy(() => import('./shortcut-sheet.tsx'));

/** Keyboard shortcuts of the app, with the command palette and the sheet of shortcuts. */
export function Commands() {
  const [open, setOpen] = useState<'palette' | 'sheet' | null>(null);
  const [openPalette] = useState(() => () => setOpen('palette'));
  const [openSheet] = useState(() => () => setOpen('sheet'));
  useCommand('palette', openPalette);
  useCommand('sheet', openSheet);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const { target } = event;
      const inField = target instanceof HTMLElement && target.matches('input, textarea, select');
      const action = findShortcut(event, { inField, singleKeys: getPreference('keys') === 'on' });
      if (!action) return;
      event.preventDefault();
      run(action, setOpen);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const toggle = (name: 'palette' | 'sheet') => (isOpen: boolean) => setOpen(isOpen ? name : null);
  return (
    <Suspense>
      {open === 'palette' && <Palette onOpenChange={toggle('palette')} onSheet={() => setOpen('sheet')} />}
      {open === 'sheet' && <ShortcutSheet onOpenChange={toggle('sheet')} />}
    </Suspense>
  );
}

function run(action: ShortcutAction, open: (name: 'palette' | 'sheet') => void) {
  if (action === 'palette' || action === 'sheet') open(action);
  else if (action === 'message') document.querySelector<HTMLElement>('[data-testid=composer]')?.focus();
  else focusArea(action === 'nextArea' ? 1 : -1);
}
