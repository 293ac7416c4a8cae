import { pipeline } from 'node:stream/promises';
import { exportSession } from '@it0/api/agent/session/export-session';
import { runAsMember } from '@it0/api/trpc';
import { toExportPath } from '@it0/contracts/export-path';
import { type ExportFormat, ExportSession } from '@it0/contracts/session-export';
import { TRPCError } from '@trpc/server';
import { type RequestHandler, Router } from 'express';
import { createContext, type HttpDeps, toCallerKey } from '../context.ts';
import { formatFilename } from '../filename.ts';

const types: Record<ExportFormat, { extension: string; mediaType: string }> = {
  markdown: { extension: 'md', mediaType: 'text/markdown; charset=utf-8' },
  json: { extension: 'json', mediaType: 'application/json; charset=utf-8' },
};

/** Serves the messages of a session as a file, which is written while it is read from the database. */
export function createExportRoute(deps: HttpDeps): RequestHandler {
  const { services } = deps;
  const router = Router();
  router.get<{ id: string }>(toExportPath(':id'), async (request, response) => {
    const ctx = await createContext(deps, request, response);
    await services.rateLimits.countCall(toCallerKey(ctx));
    const { format } = request.query;
    const { name, chunks, type } = await runAsMember(ctx, ['session:read'], async (member) => {
      const input = ExportSession.safeParse({ sessionId: request.params.id, format });
      if (!input.success) throw new TRPCError({ code: 'BAD_REQUEST', cause: input.error });
      return { ...(await exportSession(member, input.data)), type: types[input.data.format] };
    });
    response.set({
      'content-type': type.mediaType,
      'content-disposition': `attachment; ${formatFilename(`${toFileName(name)}.${type.extension}`)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    });
    await pipeline(chunks, response).catch((error: unknown) => {
      if (!request.destroyed) services.log.error({ err: error }, 'a session could not be exported completely');
    });
  });
  return router;
}

/** Replaces the characters that file systems refuse. */
const toFileName = (title: string) => title.replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, ' ').trim() || 'session';
