import { getReason } from '@it0/client/errors';
import type { Reason } from '@it0/contracts/reasons';
import type { SpeechLanguage } from '@it0/contracts/transcription';
import { createStore } from 'zustand/vanilla';
import type { MicrophoneError, MicrophoneProblem, Recording } from './recorder.ts';

/** State of a dictation. */
export type DictationState =
  | { type: 'idle' }
  | { type: 'starting' }
  /** `level` is from 0 to 1. */
  | { type: 'recording'; level: number; seconds: number }
  | { type: 'transcribing' }
  /** There was no speech. */
  | { type: 'empty' }
  /** The recording is still there. `reason` is null for a network error. */
  | { type: 'failed'; reason: Reason | null }
  | { type: 'blocked'; problem: MicrophoneProblem };

type Options = {
  language(): SpeechLanguage;
  /** Receives the text. */
  onText(text: string): void;
};

/**
 * Creates a dictation: one recording at a time, which becomes text. A recording is discarded only by `cancel`, so that
 * it can be sent again after a failure.
 */
export function createDictation({ language, onText }: Options) {
  const { getState, getInitialState, setState, subscribe } = createStore<DictationState>(() => ({ type: 'idle' }));
  let recording: Recording | null = null;
  let samples: Int16Array | null = null;
  let request = new AbortController();
  const change = (state: DictationState) => setState(state, true);

  const cancel = () => {
    request.abort();
    recording?.stop();
    recording = null;
    samples = null;
    change({ type: 'idle' });
  };

  const send = async () => {
    if (!samples) return;
    change({ type: 'transcribing' });
    request = new AbortController();
    const { signal } = request;
    try {
      const { transcribe } = await import('./transcribe.ts');
      const text = await transcribe(samples, language(), signal);
      if (signal.aborted) return;
      samples = null;
      change({ type: text ? 'idle' : 'empty' });
      if (text) onText(text);
    } catch (error) {
      if (!signal.aborted) change({ type: 'failed', reason: getReason(error) });
    }
  };

  const finish = async () => {
    // The microphone was not open yet, so there is nothing to convert.
    if (getState().type === 'starting') return cancel();
    if (!recording) return;
    samples = recording.stop();
    recording = null;
    await send();
  };

  return {
    getState,
    getInitialState,
    subscribe,
    /** Starts a recording. Must be called in the handler of a click or a key. */
    async start() {
      cancel();
      request = new AbortController();
      const { signal } = request;
      const context = new AudioContext();
      change({ type: 'starting' });
      try {
        const { startRecording } = await import('./recorder.ts');
        const started = await startRecording(context, {
          onSound: (level, seconds) => change({ type: 'recording', level, seconds }),
          onEnd: () => void finish(),
        });
        if (signal.aborted) return void started.stop();
        recording = started;
        change({ type: 'recording', level: 0, seconds: 0 });
      } catch (error) {
        void context.close();
        if (!signal.aborted)
          change({ type: 'blocked', problem: (error as Partial<MicrophoneError>).problem ?? 'busy' });
      }
    },
    /** Ends the recording and converts it to text. */
    finish,
    /** Sends the recording again after a failure. */
    retry: send,
    /** Discards the recording. */
    cancel,
  };
}

/** A dictation, made by `createDictation`. */
export type Dictation = ReturnType<typeof createDictation>;
