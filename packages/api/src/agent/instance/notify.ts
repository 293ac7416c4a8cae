import { toInstancesChannel } from '@it0/bus/bus';
import type { Services } from '../../context.ts';

/**
 * Notifies the open pages of a tenant that instances changed. The message is empty: each page reads the list with the
 * rights of its user.
 */
export const notifyInstances = ({ bus }: Pick<Services, 'bus'>, tenantId: string) =>
  bus.publish(toInstancesChannel(tenantId), []);
