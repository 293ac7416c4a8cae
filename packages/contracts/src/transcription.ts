import { z } from 'zod';
import { limits } from './limits.ts';
import { SAMPLE_RATE } from './wav.ts';

/**
 * Path that recorded speech is posted to, with its language as the query parameter `language`. The body is a WAV file of
 * one channel with 16 bits per sample at `SAMPLE_RATE`.
 */
export const TRANSCRIPTIONS_PATH = '/api/v1/voice/transcriptions';

/** Media type of recorded speech. */
export const SPEECH_TYPE = 'audio/wav';

/** Maximum size of a recording in bytes. */
export const MAX_SPEECH_BYTES = limits.speechSeconds * SAMPLE_RATE * 2 + 1024;

/** Language of recorded speech. */
export const SpeechLanguage = z.enum(['en', 'zh']);
export type SpeechLanguage = z.infer<typeof SpeechLanguage>;

/** The text of recorded speech. */
export const Transcription = z
  .object({ text: z.string().describe('Empty when the recording has no speech.') })
  .meta({ id: 'Transcription' });
export type Transcription = z.infer<typeof Transcription>;
