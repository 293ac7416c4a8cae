import { expect, test } from 'vitest';
import { findShortcut } from './shortcuts.ts';

const press = (key: string, modifiers = {}) => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false },
  ...modifiers,
});
const anywhere = { inField: false, singleKeys: true };
const inField = { inField: true, singleKeys: true };

test('findShortcut finds the palette with Ctrl or ⌘, and F6, also in a text field', () => {
  expect(findShortcut(press('k', { ctrlKey: true }), inField)).toBe('palette');
  expect(findShortcut(press('K', { metaKey: true }), inField)).toBe('palette');
  expect(findShortcut(press('F6'), inField)).toBe('nextArea');
  expect(findShortcut(press('F6', { shiftKey: true }), inField)).toBe('previousArea');
});

test('findShortcut ignores single keys in a text field, when they are off, and while an input method composes', () => {
  expect(findShortcut(press('?', { shiftKey: true }), anywhere)).toBe('sheet');
  expect(findShortcut(press('/'), anywhere)).toBe('message');
  expect(findShortcut(press('/'), inField)).toBe(null);
  expect(findShortcut(press('?'), { inField: false, singleKeys: false })).toBe(null);
  expect(findShortcut(press('/', { isComposing: true }), anywhere)).toBe(null);
});
