import { limits } from '@it0/contracts/limits';
import { ExportFormat } from '@it0/contracts/session-export';
import type { OpenAPIObject } from 'trpc-to-openapi';
import { UNSENT_TTL_HOURS } from '../agent/attachment/attachment.ts';
import { errorResponses } from './error-responses.ts';

const security: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }];
const common = { tags: ['agent'], security };
/** Notation of binary content that client generators understand. */
const binary = { type: 'string', format: 'binary' } as const;

/** Schemas that only these routes use, by name. */
export const attachmentSchemas = {
  UploadAttachment: {
    type: 'object',
    properties: {
      file: {
        ...binary,
        description: `At most ${limits.attachmentBytes} bytes. The file name determines the type of a text file.`,
      },
    },
    required: ['file'],
  },
};

/** Routes without a procedure, since they transfer files. */
export const attachmentPaths: OpenAPIObject['paths'] = {
  '/agent/attachments': {
    post: {
      ...common,
      operationId: 'uploadAttachment',
      summary: 'Upload a file for a message',
      description: `Images (PNG, JPEG, GIF, WebP), PDF, and text files. A text in UTF-16 with a byte order mark, in GBK or in a Western European encoding is converted to UTF-8. Send its \`id\` in the \`attachmentIds\` of the message. A file that is not sent with a message within ${UNSENT_TTL_HOURS} hours is deleted.`,
      requestBody: {
        required: true,
        content: { 'multipart/form-data': { schema: { $ref: '#/components/schemas/UploadAttachment' } } },
      },
      responses: {
        200: {
          description: 'Success.',
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
      ...common,
      operationId: 'downloadAttachment',
      summary: 'Download a file of a message',
      description: 'Available after the message was sent, to everyone who can read the conversation.',
      parameters: [{ in: 'path', name: 'attachmentId', schema: { type: 'string', format: 'uuid' }, required: true }],
      responses: {
        200: {
          description: 'The content, with the detected media type.',
          content: { '*/*': { schema: binary } },
        },
        ...errorResponses(['ATTACHMENT_NOT_FOUND'], { input: false, body: false }),
      },
    },
  },
  '/agent/sessions/{sessionId}/export': {
    get: {
      ...common,
      operationId: 'exportSession',
      summary: 'Download the messages of a session with their tool calls',
      parameters: [
        { in: 'path', name: 'sessionId', schema: { type: 'string', format: 'uuid' }, required: true },
        { in: 'query', name: 'format', schema: { type: 'string', enum: ExportFormat.options }, required: true },
      ],
      responses: {
        200: {
          description: 'The messages, oldest first. Replies that have not ended are omitted.',
          content: { 'text/markdown': { schema: binary }, 'application/json': { schema: binary } },
        },
        ...errorResponses(['SESSION_NOT_FOUND'], { input: true, body: false }),
      },
    },
  },
};
