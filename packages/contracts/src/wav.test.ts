import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeWav, parseWav } from './wav.ts';

test('parseWav returns the samples that encodeWav received, also from the middle of a buffer', () => {
  fc.assert(
    fc.property(fc.int16Array(), (samples) => {
      const wav = encodeWav(samples);
      const inside = Buffer.concat([Buffer.of(1), wav, Buffer.of(2)]).subarray(1, -1);
      expect(parseWav(inside)).toEqual(samples);
    }),
  );
});

test('parseWav returns null for every file with a wrong header, a wrong length or a missing byte', () => {
  const wav = encodeWav(Int16Array.of(1, 2, 3));
  for (let index = 0; index < 44; index++) {
    const broken = wav.slice();
    broken[index]! ^= 0x40;
    expect([index, parseWav(broken)]).toEqual([index, null]);
  }
  expect(parseWav(wav.subarray(0, -1))).toBeNull();
  expect(parseWav(wav.subarray(0, -2))).toBeNull();
  expect(parseWav(new Uint8Array())).toBeNull();
});
