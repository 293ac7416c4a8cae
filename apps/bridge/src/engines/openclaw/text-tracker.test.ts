import { limits } from '@it0/contracts/limits';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextTracker } from './text-tracker.ts';

/** Tracks the texts of a run. Returns the reports, and the text that a reader of the reports has. */
function track(texts: string[], tracker = new TextTracker()) {
  const reports = texts.flatMap((text) => tracker.setText(text));
  const readText = reports.reduce((text, { offset, delta }) => text.slice(0, offset) + delta, '');
  return { reports, readText, text: tracker.text };
}

test('a report replaces only the part of the text that differs', () => {
  expect(track(['Hello word', 'Hello world', 'Hello world']).reports).toEqual([
    { type: 'text', offset: 0, delta: 'Hello word' },
    { type: 'text', offset: 9, delta: 'ld' },
  ]);
});

test('a text that becomes shorter is reported without a delta', () => {
  expect(track(['Hello', 'Hell']).reports.at(-1)).toEqual({ type: 'text', offset: 4, delta: '' });
});

test('no report splits a surrogate pair', () => {
  const { reports, readText } = track(['a\ud83d', 'a😀', 'a😁b']);
  for (const { delta } of reports) expect(delta.isWellFormed()).toBe(true);
  expect(readText).toBe('a😁b');
});

test('the reports add up to the text, for any sequence of texts', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '\ud83d', '\ude00', '\ude01'), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(letters), (texts) => {
      const { readText, text } = track(texts.map((each) => each.join('')));
      expect(readText).toBe(text);
    }),
  );
});

test('a text that is too long is truncated', () => {
  expect(track(['x'.repeat(limits.reply + 1)]).text).toHaveLength(limits.reply);
});

test('resume separates the texts of two runs by a blank line', () => {
  const tracker = new TextTracker();
  tracker.resume('', 'Before');
  expect(tracker.resume('Before.', 'After')).toEqual([{ type: 'text', offset: 6, delta: '.\n\nAfter' }]);
  expect(tracker.setText('After it.')).toEqual([{ type: 'text', offset: 14, delta: ' it.' }]);
  expect(tracker.text).toBe('Before.\n\nAfter it.');
});
