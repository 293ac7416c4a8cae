import { instancesChannel } from '@it0/bus/bus';
import type { Services } from '../../context.ts';

/** Tells every open page of a tenant to look again: nothing else is carried, so nobody learns what is not theirs. */
export const notifyInstances = ({ bus }: Pick<Services, 'bus'>, tenantId: string) =>
  bus.publish(instancesChannel(tenantId), []);
