import { displayName } from '@it0/contracts/display-name';
import { KeyScope } from '@it0/contracts/permissions';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { MemberContext } from '../auth-services.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';

/** An API key of the person in this tenant, without the key itself. */
export type ApiKey = {
  id: string;
  name: string;
  /** First characters of the key, to recognize it. */
  start: string;
  scopes: KeyScope[];
  createdAt: string;
  expiresAt: string | null;
  /** With a resolution of one minute. */
  lastUsedAt: string | null;
};

const ownKeys = ({ user }: MemberContext) => ({ referenceId: user.id, tenantId: user.tenantId });

/** Lists the person's own keys in this tenant, newest first. */
export async function listApiKeys(ctx: MemberContext): Promise<ApiKey[]> {
  const keys = await ctx.db.platform.apiKey.findMany({ where: ownKeys(ctx), orderBy: { createdAt: 'desc' } });
  return keys.map(toApiKey);
}

export const CreateApiKey = z.object({
  name: displayName(),
  /** Permissions of the key, limited to those of its person. */
  scopes: z.array(KeyScope).min(1).max(KeyScope.options.length),
  /** Lifetime; null for a key that does not expire. */
  days: z.int().min(1).max(3_650).nullable(),
});

/** Creates a key. Only its hash is stored, so `key` is returned just this once. */
export async function createApiKey(
  ctx: MemberContext,
  { name, scopes, days }: z.infer<typeof CreateApiKey>,
): Promise<ApiKey & { key: string }> {
  const { user, db } = ctx;
  const expiresIn = days && days * 24 * 60 * 60;
  const body = { name, userId: user.id, permissions: { scope: scopes }, expiresIn };
  const { id, key } = await callBetterAuth(ctx.auth.api.createApiKey({ body }));
  const row = await db.platform.apiKey.update({ where: { id }, data: { tenantId: user.tenantId } });
  ctx.log.info({ tenantId: user.tenantId, by: user.id, apiKeyId: id }, 'API key created');
  return { ...toApiKey(row), key };
}

/** Deletes a key, effective immediately. Throws API_KEY_NOT_FOUND. */
export async function removeApiKey(ctx: MemberContext, id: string) {
  const apiKey = await ctx.db.platform.apiKey.findUnique({ where: { id, ...ownKeys(ctx) }, select: { id: true } });
  if (!apiKey) throw new AppError('API_KEY_NOT_FOUND', 'API key not found.');
  await callBetterAuth(ctx.auth.api.deleteApiKey({ body: { keyId: id }, headers: buildSessionHeaders(ctx) }));
}

type Row = Awaited<ReturnType<MemberContext['db']['platform']['apiKey']['findFirstOrThrow']>>;

const toApiKey = ({ id, name, start, permissions, createdAt, expiresAt, lastRequest }: Row): ApiKey => ({
  ...{ id, name: name ?? '', start: start ?? '' },
  scopes: permissions ? z.object({ scope: z.array(KeyScope) }).parse(JSON.parse(permissions)).scope : [],
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastRequest?.toISOString() ?? null,
});
