import { displayName } from '@it0/contracts/display-name';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import { text } from '@it0/contracts/text';
import type { Prisma } from '@it0/db/generated/tenant/client';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import type { User } from '../../caller.ts';
import type { UserContext } from '../../core.ts';
import { AppError, forbidden } from '../../errors.ts';

/** A saved prompt as the caller sees it. */
export const Prompt = z
  .object({
    id: Id,
    name: z.string(),
    text: z.string().describe('Fields to fill in are written as `{{name}}`.'),
    shared: z.boolean().describe('Whether all members of the organization can use it.'),
    mine: z.boolean().describe('Whether the caller has created it.'),
  })
  .meta({ id: 'Prompt', description: 'A text that people often send to agents.' });
export type Prompt = z.infer<typeof Prompt>;

/** Input of `prompt.create`. */
export const CreatePrompt = z.object({
  name: displayName(),
  text: text(limits.message).refine((value) => value.trim() !== '', 'Enter a text.'),
  shared: z.boolean().default(false),
});
/** Input of `prompt.update`. */
export const UpdatePrompt = CreatePrompt.extend({ promptId: Id, shared: z.boolean() });

const MAX_PROMPTS = 200;

const SELECT = { id: true, ownerId: true, name: true, text: true, isShared: true } satisfies Prisma.SavedPromptSelect;
type Row = Prisma.SavedPromptGetPayload<{ select: typeof SELECT }>;

const canShare = ({ permissions }: User) => permissions.has('member:manage');

/** Returns a filter: the prompts that the user may change. Those who may share may change what is shared. */
const changeableBy = (user: User) =>
  ({
    OR: [{ ownerId: user.id }, ...(canShare(user) ? [{ isShared: true }] : [])],
  }) satisfies Prisma.SavedPromptWhereInput;

const prompts = ({ db, user }: UserContext) => db.tenant(user.tenantId).savedPrompt;

/** Lists the prompts of the user, and those that are shared with all members, by name. */
export async function listPrompts(ctx: UserContext): Promise<Prompt[]> {
  const rows = await prompts(ctx).findMany({
    where: { OR: [{ ownerId: ctx.user.id }, { isShared: true }] },
    select: SELECT,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: 2 * MAX_PROMPTS,
  });
  return rows.map((row) => toPrompt(ctx, row));
}

/** Saves a prompt. Throws FORBIDDEN when the user may not share, or TOO_MANY_PROMPTS. */
export async function createPrompt(ctx: UserContext, { name, text, shared }: z.infer<typeof CreatePrompt>) {
  requireShareable(ctx, shared);
  const ownerId = ctx.user.id;
  if ((await prompts(ctx).count({ where: { ownerId } })) >= MAX_PROMPTS)
    throw new AppError('TOO_MANY_PROMPTS', `You can save ${MAX_PROMPTS} prompts. Remove some first.`);
  return toPrompt(
    ctx,
    await prompts(ctx).create({ data: { id: newId(), ownerId, name, text, isShared: shared }, select: SELECT }),
  );
}

/** Changes a prompt. Throws PROMPT_NOT_FOUND, and FORBIDDEN when the user may not share. */
export async function updatePrompt(ctx: UserContext, { promptId, shared, ...data }: z.infer<typeof UpdatePrompt>) {
  const where = { id: promptId, ...changeableBy(ctx.user) };
  const before = await prompts(ctx).findUnique({ where, select: { isShared: true } });
  if (!before) throw promptNotFound();
  if (before.isShared !== shared) requireShareable(ctx, shared);
  const [row] = await prompts(ctx).updateManyAndReturn({
    where,
    data: { ...data, isShared: shared },
    select: SELECT,
  });
  if (!row) throw promptNotFound();
  return toPrompt(ctx, row);
}

/** Removes a prompt. Throws PROMPT_NOT_FOUND. */
export async function removePrompt(ctx: UserContext, id: string): Promise<void> {
  const { count } = await prompts(ctx).deleteMany({ where: { id, ...changeableBy(ctx.user) } });
  if (count === 0) throw promptNotFound();
}

function requireShareable({ user }: UserContext, shared: boolean) {
  if (shared && !canShare(user)) throw forbidden();
}

const toPrompt = ({ user }: UserContext, { ownerId, isShared, ...prompt }: Row): Prompt => ({
  ...prompt,
  shared: isShared,
  mine: ownerId === user.id,
});

const promptNotFound = () => new AppError('PROMPT_NOT_FOUND', 'Prompt not found.');
