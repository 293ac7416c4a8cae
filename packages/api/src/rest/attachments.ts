import { textTypes } from '@it0/contracts/attachment';
import { limits } from '@it0/contracts/limits';
import type { OpenAPIObject } from 'trpc-to-openapi';
import { waitsHours } from '../agent/attachment/attachment.ts';
import { errorResponses } from './error-responses.ts';

const keys: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }];
const said = { tags: ['agent'], security: keys };
/** Generators of clients know bytes by this. */
const bytes = { type: 'string', format: 'binary' } as const;

/** The schemas that only these routes need, by name. */
export const attachmentSchemas = {
  UploadAttachment: {
    type: 'object',
    properties: {
      file: { ...bytes, description: `At most ${limits.attachmentBytes} bytes. Its name tells what a text is.` },
    },
    required: ['file'],
  },
};

/** The routes that no procedure answers: files come and go as they are. */
export const attachmentPaths: OpenAPIObject['paths'] = {
  '/agent/attachments': {
    post: {
      ...said,
      operationId: 'uploadAttachment',
      summary: 'Upload a file for a message',
      description: `Images, PDF, and texts in UTF-8 with a usual ending: ${Object.keys(textTypes).join(', ')}. Send its \`id\` with the message, in \`attachmentIds\`; a file that no message takes within ${waitsHours} hours is removed.`,
      requestBody: {
        required: true,
        content: { 'multipart/form-data': { schema: { $ref: '#/components/schemas/UploadAttachment' } } },
      },
      responses: {
        200: {
          description: 'The answer.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Attachment' } } },
        },
        ...errorResponses(['ATTACHMENT_TOO_LARGE', 'ATTACHMENT_TYPE_REFUSED', 'STORAGE_FULL'], {
          input: true,
          body: false,
        }),
      },
    },
  },
  '/agent/attachments/{attachmentId}': {
    get: {
      ...said,
      operationId: 'downloadAttachment',
      summary: 'Fetch a file that came with a message',
      description: 'For whoever may read the conversation, as soon as the message is sent.',
      parameters: [{ in: 'path', name: 'attachmentId', schema: { type: 'string', format: 'uuid' }, required: true }],
      responses: {
        200: {
          description: 'Its content, with the type that it was found to be.',
          content: { '*/*': { schema: bytes } },
        },
        ...errorResponses(['ATTACHMENT_NOT_FOUND'], { input: false, body: false }),
      },
    },
  },
};
