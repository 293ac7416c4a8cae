import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { openAttachment, openTaskAttachment, storeAttachment } from '@it0/api/agent/attachment/attachment';
import { createTokenVerifier } from '@it0/api/agent/dispatch/callback-token';
import { createConcurrencyLimit } from '@it0/api/concurrency-limit';
import { tenantUnavailable } from '@it0/api/errors';
import { runAsMember } from '@it0/api/trpc';
import type { Attachment } from '@it0/contracts/attachment';
import { ATTACHMENTS_PATH, isImage, toAttachmentPath } from '@it0/contracts/attachment-path';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { receiveFile } from '../../attachments/receive.ts';
import { createContext, type HttpDeps, refuseForeign, toCallerKey } from '../context.ts';
import { formatFilename } from '../filename.ts';
import { parseBearerToken } from '../header-values.ts';
import { respond } from '../respond.ts';

/** Limits of uploads per person: running at a time, and queued. */
const UPLOADS = { concurrency: 4, maxQueued: 30 };

/** Serves uploads, as multipart forms, and downloads of attachments. Incoming files are written to `uploads`. */
export function createAttachmentRoutes(deps: HttpDeps, uploads: string): RequestHandler {
  const { services, ingress } = deps;
  const tokens = createTokenVerifier(services.keys);
  const limitUploads = createConcurrencyLimit(UPLOADS);
  const router = Router();

  router.post(ATTACHMENTS_PATH, async (request, response) => {
    response.set('cache-control', 'no-store');
    refuseForeign(ingress, request);
    const ctx = await createContext(deps, request, response);
    const attachment = await runAsMember(ctx, ['instance:use', 'assistant:use'], async (member) => {
      await member.rateLimits.upload(member.user.id);
      return limitUploads(member.user.id, async () => {
        const file = await receiveFile(request, uploads);
        // The file is still there when it could not be stored.
        return storeAttachment(member, file).finally(() => rm(file.path, { force: true }));
      });
    });
    respond(response, 200, attachment);
  });

  router.get<{ id: string }>(toAttachmentPath(':id'), async (request, response) => {
    const { attachment, content } = await authorizeAndOpen(request, response);
    response.set(formatHeaders(attachment));
    await pipeline(content, response).catch((error: unknown) => {
      if (!request.destroyed) services.log.error({ err: error }, 'an attachment could not be sent completely');
    });
  });

  /** Opens an attachment for a bridge, by its task's token, or for a person. */
  async function authorizeAndOpen(request: Request<{ id: string }>, response: Response) {
    const { id } = request.params;
    const capability = await tokens.verify(parseBearerToken(request.headers) ?? '');
    if (capability && services.refusedTenants.has(capability.tenantId)) throw tenantUnavailable();
    if (capability) return openTaskAttachment(services, capability, id);
    const ctx = await createContext(deps, request, response);
    await services.rateLimits.countCall(toCallerKey(ctx));
    return runAsMember(ctx, ['session:read'], (member) => openAttachment(member, id));
  }
  return router;
}

/** Formats the response headers: browsers execute nothing, and display only images inline. */
const formatHeaders = ({ name, mediaType, size }: Attachment) => ({
  'content-type': mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType,
  'content-length': String(size),
  'content-disposition': `${isImage(mediaType) ? 'inline' : 'attachment'}; ${formatFilename(name)}`,
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-store',
});
