import { toDraftsChannel } from '@it0/bus/bus';
import type { AgentContext } from '../agent-services.ts';
import { ChangeReader } from '../change-reader.ts';
import { type Draft, type DraftScope, readDraft } from './draft.ts';

/** A lost message only delays a text on another device, and no save relies on it. */
const RECHECK_MS = 5 * 60_000;

/**
 * Streams a draft of the user, now and after every change, also by the same device. Throws SESSION_NOT_FOUND or
 * INSTANCE_NOT_FOUND.
 */
export const onDraft = (ctx: AgentContext, scope: DraftScope): AsyncIterable<Draft> =>
  new ChangeReader(ctx, toDraftsChannel(ctx.user.tenantId, ctx.user.id), {
    read: (context) => readDraft(context, scope),
    toValue: (draft) => draft,
    recheckMs: RECHECK_MS,
  });
