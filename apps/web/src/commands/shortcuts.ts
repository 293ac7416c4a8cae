/** Whether the keyboard of this computer has ⌘ instead of Ctrl. */
const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '');

/** Keyboard shortcuts with their keys, in the order of the sheet. */
export const shortcuts = [
  { name: 'palette', keys: [isMac ? '⌘' : 'Ctrl', 'K'] },
  { name: 'sheet', keys: ['?'] },
  { name: 'message', keys: ['/'] },
  { name: 'nextArea', keys: ['F6'] },
  { name: 'previousArea', keys: ['Shift', 'F6'] },
  { name: 'send', keys: ['Enter'] },
  { name: 'newLine', keys: ['Shift', 'Enter'] },
  { name: 'edit', keys: ['↑'] },
  { name: 'leave', keys: ['Esc'] },
] as const;

export type ShortcutAction = 'palette' | 'sheet' | 'message' | 'nextArea' | 'previousArea';

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing'>;

/**
 * Returns the action of a key, if any. Keys without Ctrl or ⌘ (`singleKeys`) can be off, and have no action in a text
 * field.
 */
export function findShortcut(key: Key, options: { inField: boolean; singleKeys: boolean }): ShortcutAction | null {
  if (key.isComposing || key.altKey) return null;
  if (key.ctrlKey || key.metaKey) return key.key.toLowerCase() === 'k' && !key.shiftKey ? 'palette' : null;
  if (key.key === 'F6') return key.shiftKey ? 'previousArea' : 'nextArea';
  if (options.inField || !options.singleKeys) return null;
  return key.key === '?' ? 'sheet' : key.key === '/' ? 'message' : null;
}
