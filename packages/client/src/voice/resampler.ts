import { SAMPLE_RATE } from '@it0/contracts/wav';

/** Number of zero crossings of the filter on each side. */
const CROSSINGS = 12;
/** Part of the frequencies below half of `SAMPLE_RATE` that passes. */
const PASSBAND = 0.92;
/** Positions between two samples for which the filter is computed in advance. */
const PHASES = 64;

/**
 * Creates a converter of a continuous sound with `rate` samples per second, from −1 to 1, to 16-bit samples at
 * `SAMPLE_RATE`. It removes frequencies that the lower rate cannot represent. Each call returns the samples that are
 * complete; the last few milliseconds follow with the next call.
 */
export function createResampler(rate: number): (input: Float32Array) => Int16Array<ArrayBuffer> {
  const step = rate / SAMPLE_RATE;
  const cutoff = (PASSBAND * Math.min(1, 1 / step)) / 2;
  const reach = Math.ceil(CROSSINGS / (2 * cutoff));
  const filters = Array.from({ length: PHASES }, (_, phase) => createFilter(cutoff, reach, phase / PHASES));
  let buffered = new Float32Array(reach);
  /** Position of the next output sample in `buffered`. */
  let position = reach;

  return (input) => {
    const samples = new Float32Array(buffered.length + input.length);
    samples.set(buffered);
    samples.set(input, buffered.length);
    const count = Math.max(0, Math.ceil((samples.length - reach - 1 - position) / step));
    const output = new Int16Array(count);
    for (let index = 0; index < count; index++) {
      const exact = position + index * step;
      const start = Math.floor(exact);
      const filter = filters[Math.floor((exact - start) * PHASES)]!;
      let sum = 0;
      for (let tap = 0; tap < filter.length; tap++) sum += samples[start - reach + 1 + tap]! * filter[tap]!;
      output[index] = Math.round(Math.max(-1, Math.min(1, sum)) * 32_767);
    }
    const end = position + count * step;
    const first = Math.max(0, Math.floor(end) - reach);
    buffered = samples.slice(first);
    position = end - first;
    return output;
  };
}

/** Returns a low-pass filter for a position between two samples: a sinc with a Hann window, with a gain of 1. */
function createFilter(cutoff: number, reach: number, fraction: number): Float32Array {
  const taps = Float32Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = tap - reach + 1 - fraction;
    const angle = 2 * Math.PI * cutoff * distance;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    return Math.abs(distance) >= reach ? 0 : sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / reach));
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}
