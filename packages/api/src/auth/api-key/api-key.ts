import { displayName } from '@it0/contracts/display-name';
import { KeyScope } from '@it0/contracts/permissions';
import { z } from 'zod';
import type { MemberContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { buildSessionHeaders, callBetterAuth } from '../call-better-auth.ts';

export type ApiKey = {
  id: string;
  name: string;
  /** How it begins, to tell it from others. */
  start: string;
  scopes: KeyScope[];
  createdAt: string;
  expiresAt: string | null;
  /** To the minute. */
  lastUsedAt: string | null;
};

const mine = ({ user }: MemberContext) => ({ referenceId: user.id, tenantId: user.tenantId });

/** The person's own keys in this tenant, the latest first. */
export async function listApiKeys(ctx: MemberContext): Promise<ApiKey[]> {
  const keys = await ctx.db.platform.apiKey.findMany({ where: mine(ctx), orderBy: { createdAt: 'desc' } });
  return keys.map(shown);
}

export const CreateApiKey = z.object({
  name: displayName(),
  /** What it may do, as far as its person may. */
  scopes: z.array(KeyScope).min(1).max(KeyScope.options.length),
  /** Null for one that does not expire. */
  days: z.int().min(1).max(3_650).nullable(),
});

/** A new key. `key` is shown this once: only its hash is kept. */
export async function createApiKey(
  ctx: MemberContext,
  { name, scopes, days }: z.infer<typeof CreateApiKey>,
): Promise<ApiKey & { key: string }> {
  const { user, db } = ctx;
  const expiresIn = days && days * 24 * 60 * 60;
  const body = { name, userId: user.id, permissions: { scope: scopes }, expiresIn };
  const { id, key } = await callBetterAuth(ctx.auth.api.createApiKey({ body }));
  const row = await db.platform.apiKey.update({ where: { id }, data: { tenantId: user.tenantId } });
  ctx.log.info({ tenantId: user.tenantId, by: user.id, apiKeyId: id }, 'an API key was made');
  return { ...shown(row), key };
}

/** Ends a key at once. */
export async function removeApiKey(ctx: MemberContext, id: string) {
  const found = await ctx.db.platform.apiKey.findUnique({ where: { id, ...mine(ctx) }, select: { id: true } });
  if (!found) throw new AppError('API_KEY_NOT_FOUND', 'There is no such key.');
  await callBetterAuth(ctx.auth.api.deleteApiKey({ body: { keyId: id }, headers: buildSessionHeaders(ctx) }));
}

type Row = Awaited<ReturnType<MemberContext['db']['platform']['apiKey']['findFirstOrThrow']>>;

const shown = ({ id, name, start, permissions, createdAt, expiresAt, lastRequest }: Row): ApiKey => ({
  ...{ id, name: name ?? '', start: start ?? '' },
  scopes: permissions ? z.object({ scope: z.array(KeyScope) }).parse(JSON.parse(permissions)).scope : [],
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastRequest?.toISOString() ?? null,
});
