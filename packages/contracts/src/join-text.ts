import type { Part } from './message.ts';

/** Returns the text of a message without its steps. */
export const joinText = (parts: readonly Part[]) =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
