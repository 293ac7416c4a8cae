import { limits } from '@it0/contracts/limits';
import type { AgentInstance } from '@it0/db/generated/tenant/client';
import { redactSecrets } from '@it0/node/redact-secrets';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { fetchBridgeLogs, toBridge } from '../bridge/bridge-client.ts';
import { requireOwnedInstance } from './instance.ts';
import { toBridgeModel } from './model-settings.ts';

/** The last log lines of the bridge and the gateway of an instance, newest last. */
export const InstanceLogs = z
  .object({ bridge: z.array(z.string()), gateway: z.array(z.string()) })
  .meta({ id: 'InstanceLogs', description: 'The last log lines of the bridge and the gateway, newest last.' });
export type InstanceLogs = z.infer<typeof InstanceLogs>;

/** Reads the recent logs of an instance, with secrets redacted. Throws INSTANCE_NOT_FOUND or BRIDGE_UNREACHABLE. */
export async function readLogs(ctx: AgentContext, instanceId: string): Promise<InstanceLogs> {
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

/** Fetches the logs of a remote instance from its bridge. */
async function fetchRemoteLogs(ctx: AgentContext, instance: AgentInstance) {
  const { tenantId } = ctx.user;
  const bridge = toBridge(ctx, { ...instance, tenantId, instanceId: instance.id, isRemote: true });
  const result = bridge && (await fetchBridgeLogs(ctx, bridge));
  if (result?.outcome !== 'ok') throw new AppError('BRIDGE_UNREACHABLE', 'The bridge of this agent did not respond.');
  return { ...result.body, secrets: [] };
}
