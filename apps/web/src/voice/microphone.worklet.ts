import { createResampler } from '@it0/client/voice/resampler';
import { SAMPLE_RATE } from '@it0/contracts/wav';

/** Samples per message to the page, 50 ms. */
const CHUNK = SAMPLE_RATE / 20;

// What the audio thread provides; the types of TypeScript do not include it.
declare const sampleRate: number;
declare const registerProcessor: (name: string, processor: new () => AudioWorkletProcessor) => void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** Sends the sound of the microphone to the page as 16-bit samples at `SAMPLE_RATE`. */
class Microphone extends AudioWorkletProcessor {
  private readonly resample = createResampler(sampleRate);
  private chunk = new Int16Array(CHUNK);
  private length = 0;

  /** Receives 128 samples. Without a source there is no channel. */
  process([channels = []]: Float32Array[][]): boolean {
    if (channels[0]) for (const sample of this.resample(channels[0])) this.push(sample);
    return true;
  }

  private push(sample: number) {
    this.chunk[this.length++] = sample;
    if (this.length < CHUNK) return;
    this.port.postMessage(this.chunk, [this.chunk.buffer]);
    this.chunk = new Int16Array(CHUNK);
    this.length = 0;
  }
}

registerProcessor('microphone', Microphone);
