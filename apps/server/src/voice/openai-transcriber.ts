import { AppError } from '@it0/api/errors';
import type { Transcriber } from '@it0/api/voice/voice-services';
import { limits } from '@it0/contracts/limits';
import { toPlainText, toStorableText } from '@it0/contracts/text';
import { parseRetryAfter } from '@it0/node/retry-after';
import { z } from 'zod';

/** An address that serves `POST /audio/transcriptions` of OpenAI's API. */
export type TranscriberOptions = { url: string; key?: string; model: string; host: string | null };

const TIMEOUT_MS = 60_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;
const Answer = z.object({ text: z.string() });

/** Example of the desired punctuation, with names that a model would otherwise not know. */
const PROMPTS = {
  en: 'Check nginx, systemctl and kubectl on host web-1.',
  zh: '请检查 web-1 上的 nginx、systemctl 和 kubectl。',
};

/** Creates a transcriber that sends recordings to an OpenAI-compatible provider. */
export const createOpenAiTranscriber = ({ url, key, model, host }: TranscriberOptions): Transcriber => ({
  host,
  async transcribe(wav, language, signal) {
    const form = new FormData();
    // Some servers detect the type from the extension.
    form.append('file', new Blob([wav], { type: 'audio/wav' }), 'audio.wav');
    for (const [name, value] of Object.entries({ model, language, prompt: PROMPTS[language], response_format: 'json' }))
      form.append(name, value);
    try {
      const response = await fetch(`${url.replace(/\/+$/, '')}/audio/transcriptions`, {
        method: 'POST',
        headers: key ? { authorization: `Bearer ${key}` } : {},
        body: form,
        // A redirect would send the key to another host.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      const body = await readText(response);
      if (!response.ok) throw toError(response);
      return cleanText(Answer.parse(JSON.parse(body)).text);
    } catch (error) {
      throw error instanceof AppError ? error : unavailable({ cause: error });
    }
  },
});

/** Reads the body. Throws when it is larger than any transcription. */
async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_RESPONSE_BYTES) throw new Error('The response of the provider is too long.');
  }
  return text + decoder.decode();
}

/** The text becomes part of a draft, so it must be a valid message. */
const cleanText = (text: string) => toPlainText(toStorableText(text)).trim().slice(0, limits.message);

function toError({ status, headers }: Response): AppError {
  const waitMs = parseRetryAfter(headers.get('retry-after'));
  return unavailable({
    cause: new Error(`The provider responded with status ${status}.`),
    retryAfter: waitMs === null ? undefined : Math.ceil(waitMs / 1_000),
  });
}

const unavailable = (options: { cause: unknown; retryAfter?: number }) =>
  new AppError('TRANSCRIPTION_UNAVAILABLE', 'Speech recognition is not responding. Try again later.', options);
