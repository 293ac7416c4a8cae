import { toInstancesChannel } from '@it0/bus/bus';
import type { AgentContext } from '../agent-services.ts';
import { ChangeReader } from '../change-reader.ts';
import { type Instance, listInstances } from './instance.ts';

/** Streams the instances that the user can see, now and after every change. */
export const onStatus = (ctx: AgentContext): AsyncIterable<Instance[]> =>
  new ChangeReader(ctx, toInstancesChannel(ctx.user.tenantId), {
    read: listInstances,
    toValue: (instances) => instances,
    recheckMs: 10_000,
  });
