import { LocalError } from '@it0/client/errors';
import { parseErrorResponse } from '@it0/contracts/error-response';
import { SPEECH_TYPE, type SpeechLanguage, TRANSCRIPTIONS_PATH, Transcription } from '@it0/contracts/transcription';
import { encodeWav } from '@it0/contracts/wav';

/** Returns the text of a recording; empty when it has no speech. Rejects with LocalError for a refused request. */
export async function transcribe(samples: Int16Array, language: SpeechLanguage, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${TRANSCRIPTIONS_PATH}?language=${language}`, {
    method: 'POST',
    headers: { 'content-type': SPEECH_TYPE },
    body: encodeWav(samples),
    signal,
  });
  const body: unknown = await response.json();
  const transcription = Transcription.safeParse(body);
  if (response.ok && transcription.success) return transcription.data.text;
  const failure = parseErrorResponse(body);
  throw failure ? new LocalError(failure.reason) : new Error('invalid response of the server');
}
