import { toInstancesChannel } from '@it0/bus/bus';
import type { Core } from '../../core.ts';

/**
 * Notifies the open pages of a tenant that instances changed. The message is empty: each page reads the list with the
 * rights of its user.
 */
export const notifyInstances = ({ bus }: Core, tenantId: string) => bus.publish(toInstancesChannel(tenantId), []);
