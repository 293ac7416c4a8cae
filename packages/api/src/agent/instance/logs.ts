import { limits } from '@it0/contracts/limits';
import { redactSecrets } from '@it0/contracts/secrets';
import { z } from 'zod';
import type { UserContext } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { fetchBridgeLogs } from '../bridge/bridge-client.ts';
import { requireOwnedInstance } from './instance.ts';
import { toBridgeModel } from './model-settings.ts';

export const InstanceLogs = z
  .object({ bridge: z.array(z.string()), gateway: z.array(z.string()) })
  .meta({ id: 'InstanceLogs', description: 'The last lines that each wrote, the newest last.' });
export type InstanceLogs = z.infer<typeof InstanceLogs>;

/** What an instance wrote of late, less what is secret. */
export async function readLogs(ctx: UserContext, instanceId: string): Promise<InstanceLogs> {
  const instance = await requireOwnedInstance(ctx, instanceId);
  const { bridge, gateway, secrets } =
    instance.driver === 'remote'
      ? await fetchRemoteLogs(ctx, instance)
      : await ctx.local.logs(ctx.user.tenantId, instanceId);
  const knownSecrets = [...secrets, ctx.keys.open(instance.bridgeSecret), toBridgeModel(ctx, instance).key].filter(
    (secret) => secret !== null,
  );
  const redact = (lines: string[]) =>
    lines.slice(-limits.logLines).map((line) => redactSecrets(line, knownSecrets).slice(0, limits.logLine));
  return { bridge: redact(bridge), gateway: redact(gateway) };
}

type RemoteInstance = { id: string; bridgeUrl: string | null; bridgeSecret: Uint8Array };

/** Those of another host, from its bridge. */
async function fetchRemoteLogs(ctx: UserContext, { id: instanceId, bridgeUrl: url, bridgeSecret }: RemoteInstance) {
  const secret = ctx.keys.open(bridgeSecret);
  const result = url
    ? await fetchBridgeLogs(ctx, { tenantId: ctx.user.tenantId, instanceId, isRemote: true, url, secret })
    : null;
  if (result?.outcome !== 'ok')
    throw new AppError('BRIDGE_UNREACHABLE', 'The bridge of this agent is not there to ask.');
  return { ...result.body, secrets: [] };
}
