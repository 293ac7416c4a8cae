import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { keepAttachment, openAttachment, openForTask } from '@it0/api/agent/attachment/attachment';
import { callbackTokens } from '@it0/api/agent/dispatch/callback-token';
import { createConcurrencyLimit } from '@it0/api/concurrency-limit';
import { tenantUnavailable } from '@it0/api/errors';
import { runAsMember } from '@it0/api/trpc';
import { ATTACHMENTS_PATH, type Attachment, isImage, toAttachmentPath } from '@it0/contracts/attachment';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { receiveFile } from '../../attachments/receive.ts';
import { callerKey, createContext, type HttpDeps, refuseForeign } from '../context.ts';
import { parseBearerToken } from '../header-values.ts';
import { respond } from '../respond.ts';

/** Uploads of one person: how many run at a time, and how many more are queued. */
const UPLOADS = { concurrency: 4, maxQueued: 30 };

/** Files come and go by plain http: a form brings one, and an address answers it. `uploads` is where they arrive. */
export function attachmentRoutes(known: HttpDeps, uploads: string): RequestHandler {
  const { services, ingress } = known;
  const tokens = callbackTokens(services.keys);
  const limitUploads = createConcurrencyLimit(UPLOADS);
  const router = Router();

  router.post(ATTACHMENTS_PATH, async (request, response) => {
    response.set('cache-control', 'no-store');
    refuseForeign(ingress, request);
    const ctx = await createContext(known, request, response);
    const kept = await runAsMember(ctx, ['instance:use', 'assistant:use'], async (member) => {
      await member.rateLimits.upload(member.user.id);
      return limitUploads(member.user.id, async () => {
        const file = await receiveFile(request, uploads);
        // Removes the file when it could not be stored.
        return keepAttachment(member, file).finally(() => rm(file.path, { force: true }));
      });
    });
    respond(response, 200, kept);
  });

  router.get<{ id: string }>(toAttachmentPath(':id'), async (request, response) => {
    const { attachment, content } = await opened(request, response);
    response.set(headersOf(attachment));
    await pipeline(content, response).catch((error: unknown) => {
      if (!request.destroyed) services.log.error({ err: error }, 'an attachment could not be sent whole');
    });
  });

  /** A bridge shows its task's token, everybody else who they are. */
  async function opened(request: Request<{ id: string }>, response: Response) {
    const { id } = request.params;
    const capability = await tokens.verify(parseBearerToken(request.headers) ?? '');
    if (capability && services.refusedTenants.has(capability.tenantId)) throw tenantUnavailable();
    if (capability) return openForTask(services, capability, id);
    const ctx = await createContext(known, request, response);
    await services.rateLimits.countCall(callerKey(ctx));
    return runAsMember(ctx, ['session:read'], (member) => openAttachment(member, id));
  }
  return router;
}

/** Whatever a file is, a browser runs nothing of it and shows in place only images. */
const headersOf = ({ name, mediaType, size }: Attachment) => ({
  'content-type': mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType,
  'content-length': String(size),
  'content-disposition': `${isImage(mediaType) ? 'inline' : 'attachment'}; ${namedAs(name)}`,
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-store',
});

/** RFC 6266: for whoever knows only ASCII, and as it is. */
const namedAs = (name: string) => {
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `filename="${name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')}"; filename*=UTF-8''${encoded}`;
};
