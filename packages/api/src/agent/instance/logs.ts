import { limits } from '@it0/contracts/limits';
import { redactSecrets } from '@it0/contracts/secrets';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { bridgeLogs } from '../bridge/bridge-client.ts';
import { requireOwnedInstance } from './instance.ts';
import { toBridgeModel } from './model-settings.ts';

export const InstanceLogs = z
  .object({ bridge: z.array(z.string()), gateway: z.array(z.string()) })
  .meta({ id: 'InstanceLogs', description: 'The last lines that each wrote, the newest last.' });
export type InstanceLogs = z.infer<typeof InstanceLogs>;

/** What an instance wrote of late, less what is secret. */
export async function readLogs(ctx: UserContext, instanceId: string): Promise<InstanceLogs> {
  const own = await requireOwnedInstance(ctx, instanceId);
  const { bridge, gateway, secrets } =
    own.driver === 'remote' ? await remoteLogs(ctx, own) : await ctx.local.logs(ctx.user.tenantId, instanceId);
  const known = [...secrets, ctx.keys.open(own.bridgeSecret), toBridgeModel(ctx, own).key].filter(
    (secret) => secret !== null,
  );
  const redacted = (lines: string[]) =>
    lines.slice(-limits.logLines).map((line) => redactSecrets(line, known).slice(0, limits.logLine));
  return { bridge: redacted(bridge), gateway: redacted(gateway) };
}

type Remote = { id: string; bridgeUrl: string | null; bridgeSecret: Uint8Array };

/** Those of another host, from its bridge. */
async function remoteLogs(ctx: UserContext, { id: instanceId, bridgeUrl: url, bridgeSecret }: Remote) {
  const secret = ctx.keys.open(bridgeSecret);
  const answer = url
    ? await bridgeLogs(ctx, { tenantId: ctx.user.tenantId, instanceId, isRemote: true, url, secret })
    : null;
  if (answer?.outcome !== 'ok')
    throw new AppError('BRIDGE_UNREACHABLE', 'The bridge of this agent is not there to ask.');
  return { ...answer.body, secrets: [] };
}
