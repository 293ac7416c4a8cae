import { limits } from '@it0/contracts/limits';
import { SAMPLE_RATE } from '@it0/contracts/wav';
import workletUrl from './microphone.worklet.ts?worker&url';

/** Why no sound can be recorded. */
export type MicrophoneProblem = 'insecure' | 'refused' | 'missing' | 'busy';

/** A recording in progress. */
export type Recording = {
  /** Ends the recording and returns its samples. */
  stop(): Int16Array;
};

type Options = {
  /** Receives the level of each 50 ms, from 0 to 1, and the duration in seconds. */
  onSound(level: number, seconds: number): void;
  /** Called when the recording is at its maximum duration, or when the microphone was taken away. */
  onEnd(): void;
};

/** Error for a microphone that cannot be used. */
export class MicrophoneError extends Error {
  readonly problem: MicrophoneProblem;
  constructor(problem: MicrophoneProblem, cause?: unknown) {
    super(problem, { cause });
    this.name = 'MicrophoneError';
    this.problem = problem;
  }
}

/**
 * Starts a recording. `context` must have been created in the handler of the click, since Safari requires it. Rejects
 * with MicrophoneError.
 */
export async function startRecording(context: AudioContext, { onSound, onEnd }: Options): Promise<Recording> {
  const stream = await openMicrophone();
  const chunks: Int16Array[] = [];
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    await context.audioWorklet.addModule(workletUrl);
    await context.resume();
  } catch (error) {
    close();
    throw new MicrophoneError('busy', error);
  }
  const microphone = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 0 });
  microphone.port.onmessage = ({ data }: MessageEvent<Int16Array>) => {
    chunks.push(data);
    const seconds = (chunks.length * data.length) / SAMPLE_RATE;
    onSound(measureLevel(data), seconds);
    if (seconds >= limits.speechSeconds) onEnd();
  };
  context.createMediaStreamSource(stream).connect(microphone);
  // Another program or the system took the microphone.
  stream.getAudioTracks()[0]?.addEventListener('ended', onEnd);
  return {
    stop() {
      close();
      microphone.port.onmessage = null;
      return concatenate(chunks);
    },
  };
}

async function openMicrophone(): Promise<MediaStream> {
  // Browsers have no microphone on pages over plain HTTP, except on this machine.
  if (!navigator.mediaDevices) throw new MicrophoneError('insecure');
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError') throw new MicrophoneError('refused', error);
    throw new MicrophoneError(name === 'NotFoundError' ? 'missing' : 'busy', error);
  }
}

/** Returns the level of the samples on a scale of decibels, from 0 at −50 dB to 1 at −10 dB. */
function measureLevel(samples: Int16Array): number {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(energy / 32_768 ** 2 + 1e-9);
  return Math.max(0, Math.min(1, (decibels + 50) / 40));
}

function concatenate(chunks: Int16Array[]): Int16Array {
  const samples = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    samples.set(chunk, offset);
    offset += chunk.length;
  }
  return samples;
}
