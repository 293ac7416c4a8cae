import { SAMPLE_RATE } from '@it0/contracts/wav';

const FRAME = (30 * SAMPLE_RATE) / 1_000;
/** About −46 dB, which is above the noise of a laptop's microphone. */
const MIN_LEVEL = 160;
/** Recordings with less sound than this contain no word. */
const MIN_SPEECH_SECONDS = 0.15;

/**
 * Returns whether a recording contains enough sound to be speech. Recognition of silence returns invented sentences.
 */
export function hasSpeech(samples: Int16Array): boolean {
  let frames = 0;
  for (let start = 0; start + FRAME <= samples.length; start += FRAME)
    if (measureLevel(samples.subarray(start, start + FRAME)) >= MIN_LEVEL) frames++;
  return (frames * FRAME) / SAMPLE_RATE >= MIN_SPEECH_SECONDS;
}

/** Returns the root mean square of the samples without their mean, since cheap microphones have a constant offset. */
function measureLevel(samples: Int16Array): number {
  let sum = 0;
  let squares = 0;
  for (const sample of samples) {
    sum += sample;
    squares += sample * sample;
  }
  const mean = sum / samples.length;
  return Math.sqrt(squares / samples.length - mean * mean);
}
