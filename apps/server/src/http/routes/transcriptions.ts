import { createConcurrencyLimit } from '@it0/api/concurrency-limit';
import { runAsMember } from '@it0/api/trpc';
import { transcribe } from '@it0/api/voice/transcription/transcription';
import { MAX_SPEECH_BYTES, SPEECH_TYPE, SpeechLanguage, TRANSCRIPTIONS_PATH } from '@it0/contracts/transcription';
import { TRPCError } from '@trpc/server';
import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { createContext, type HttpDeps, refuseForeign } from '../context.ts';
import { parseMediaType } from '../header-values.ts';
import { readBody } from '../read-body.ts';
import { respond } from '../respond.ts';

/** Limits of recordings per person: converted at a time, and queued. */
const RECORDINGS = { concurrency: 2, maxQueued: 4 };

const Query = z.object({ language: SpeechLanguage });

/** Converts recorded speech to text. Recordings are in memory only. */
export function createTranscriptionRoute(deps: HttpDeps): RequestHandler {
  const limitRecordings = createConcurrencyLimit(RECORDINGS);
  const router = Router();
  router.post(TRANSCRIPTIONS_PATH, async (request, response) => {
    response.set('cache-control', 'no-store');
    refuseForeign(deps.ingress, request);
    const ctx = await createContext(deps, request, response);
    const disconnect = new AbortController();
    response.on('close', () => disconnect.abort());
    const result = await runAsMember(ctx, ['instance:use', 'assistant:use'], (member) =>
      limitRecordings(member.user.id, async () => {
        if (parseMediaType(request.headers) !== SPEECH_TYPE)
          throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: `The request body must be ${SPEECH_TYPE}.` });
        const { language } = parseQuery(request.query);
        const wav = new Uint8Array(await readBody(request, MAX_SPEECH_BYTES));
        return transcribe(member, { wav, language, signal: disconnect.signal });
      }),
    );
    respond(response, 200, result);
  });
  return router;
}

function parseQuery(query: unknown) {
  const parsed = Query.safeParse(query);
  if (!parsed.success) throw new TRPCError({ code: 'BAD_REQUEST', cause: parsed.error });
  return parsed.data;
}
