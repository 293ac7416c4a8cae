import { SAMPLE_RATE } from '@it0/contracts/wav';
import { expect, test } from 'vitest';
import { hasSpeech } from './find-speech.ts';

const record = (seconds: number, sample: (time: number) => number) =>
  Int16Array.from({ length: seconds * SAMPLE_RATE }, (_, index) => sample(index / SAMPLE_RATE));
const tone = (time: number) => 3_000 * Math.sin(2 * Math.PI * 200 * time);

test.each([
  ['nothing', 0, () => 0, false],
  ['silence', 3, () => 0, false],
  ['noise below the level', 3, () => (Math.random() - 0.5) * 200, false],
  ['a constant offset', 3, () => 2_000, false],
  ['a click of 60 ms', 3, (time: number) => (time < 0.06 ? tone(time) : 0), false],
  ['a short word', 3, (time: number) => (time > 1 && time < 1.3 ? tone(time) : 0), true],
  ['a sound for the complete time', 3, tone, true],
])('hasSpeech of %s', (_name, seconds, sample, expected) => {
  expect(hasSpeech(record(seconds, sample))).toBe(expected);
});
