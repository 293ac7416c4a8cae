import { SAMPLE_RATE } from '@it0/contracts/wav';
import { expect, test } from 'vitest';
import { createResampler } from './resampler.ts';

const tone = (rate: number, hertz: number, seconds = 0.5) =>
  Float32Array.from({ length: rate * seconds }, (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / rate));
const level = (samples: Int16Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length) / 32_767;

test.each([44_100, 48_000, 96_000, 16_000, 8_000])('a resampler for %d Hz keeps duration, pitch and level', (rate) => {
  const output = createResampler(rate)(tone(rate, 1_000));
  expect(Math.abs(output.length / SAMPLE_RATE - 0.5)).toBeLessThan(0.01);
  // The first samples are still without their past.
  const steady = output.subarray(400);
  expect(level(steady)).toBeCloseTo(0.5 / Math.SQRT2, 2);
  const rises = steady.filter((sample, index) => sample >= 0 && steady[index - 1]! < 0).length;
  expect(Math.abs(rises - (1_000 * steady.length) / SAMPLE_RATE)).toBeLessThanOrEqual(1);
});

test('a resampler removes frequencies that would sound lower', () => {
  expect(level(createResampler(48_000)(tone(48_000, 15_000)))).toBeLessThan(0.002);
});

test('a resampler returns the same samples for a sound in pieces of any size', () => {
  const sound = tone(44_100, 700);
  const whole = createResampler(44_100)(sound);
  const resample = createResampler(44_100);
  const parts: number[] = [];
  for (let start = 0, size = 1; start < sound.length; start += size, size = (size * 7) % 311 || 1)
    parts.push(...resample(sound.subarray(start, start + size)));
  expect(Math.abs(parts.length - whole.length)).toBeLessThanOrEqual(1);
  const differences = parts.map((sample, index) => Math.abs(sample - (whole[index] ?? sample)));
  // Positions are sums of a fraction, so a phase can differ by one.
  expect(Math.max(...differences)).toBeLessThan(100);
});
