import { limits } from '@it0/contracts/limits';
import { SPEECH_TYPE, SpeechLanguage } from '@it0/contracts/transcription';
import type { OpenAPIObject } from 'trpc-to-openapi';
import { errorResponses } from './error-responses.ts';

/** The route without a procedure that receives recorded speech. */
export const transcriptionPaths: OpenAPIObject['paths'] = {
  '/voice/transcriptions': {
    post: {
      tags: ['voice'],
      security: [{ apiKey: [] }, { bearer: [] }],
      operationId: 'transcribe',
      summary: 'Convert recorded speech to text',
      description: `Send a WAV file of one channel with 16 bits per sample at 16 kHz, of at most ${limits.speechSeconds} seconds. It is not stored.`,
      parameters: [
        { in: 'query', name: 'language', required: true, schema: { type: 'string', enum: SpeechLanguage.options } },
      ],
      requestBody: { required: true, content: { [SPEECH_TYPE]: { schema: { type: 'string', format: 'binary' } } } },
      responses: {
        200: {
          description: 'Success.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Transcription' } } },
        },
        ...errorResponses(['TRANSCRIPTION_OFF', 'TRANSCRIPTION_UNAVAILABLE'], { input: true, body: true }),
      },
    },
  },
};
