import type { SpeechLanguage, Transcription } from '@it0/contracts/transcription';
import { parseWav } from '@it0/contracts/wav';
import { z } from 'zod';
import type { RateLimits } from '../../auth/rate-limits.ts';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { VoiceServices } from '../voice-services.ts';
import { hasSpeech } from './find-speech.ts';

/** What this installation can do with speech. */
export const VoiceStatus = z
  .object({
    transcription: z
      .object({ host: z.string().nullable().describe('Host that recordings are sent to; null for scripted texts.') })
      .nullable()
      .describe('Null when speech recognition is not configured.'),
  })
  .meta({ id: 'VoiceStatus' });
export type VoiceStatus = z.infer<typeof VoiceStatus>;

/** Returns what this installation can do with speech. */
export const getVoiceStatus = ({ transcriber }: VoiceServices): VoiceStatus => ({
  transcription: transcriber && { host: transcriber.host },
});

type Context = UserContext & VoiceServices & { rateLimits: Pick<RateLimits, 'transcribe'> };
type Speech = { wav: Uint8Array<ArrayBuffer>; language: SpeechLanguage; signal: AbortSignal };

/**
 * Returns the text of recorded speech. The recording is neither stored nor logged. Throws TRANSCRIPTION_OFF,
 * TRANSCRIPTION_UNAVAILABLE, INVALID_INPUT or TOO_MANY_REQUESTS.
 */
export async function transcribe(ctx: Context, { wav, language, signal }: Speech): Promise<Transcription> {
  const { transcriber } = ctx;
  if (!transcriber) throw new AppError('TRANSCRIPTION_OFF', 'Speech recognition is not configured. Set VOICE_STT_URL.');
  const samples = parseWav(wav);
  if (!samples)
    throw new AppError('INVALID_INPUT', 'Send a WAV file of one channel with 16 bits per sample at 16 kHz.');
  await ctx.rateLimits.transcribe(ctx.user.id);
  if (!hasSpeech(samples)) return { text: '' };
  const text = await transcriber.transcribe(wav, language, signal).catch((error: unknown) => {
    // A client that disconnects is no fault of the provider.
    if (!signal.aborted) ctx.log.warn({ err: error }, 'speech recognition failed');
    throw error;
  });
  return { text };
}
