import type { Instance } from '@it0/client/chat-source';

type Host = Pick<Instance, 'driver' | 'host'>;

/** Returns whether an instance runs on another machine than the server. */
export const isRemote = ({ driver }: Pick<Host, 'driver'>) => driver === 'remote';

/** Returns whether a remote instance has no machine yet. */
export const isUnconnected = (instance: Host) => isRemote(instance) && instance.host === null;

/** Returns the status to display: an instance without a machine is unconnected, not deploying. */
export const toDisplayStatus = (instance: Host & Pick<Instance, 'status'>) =>
  instance.status === 'DEPLOYING' && isUnconnected(instance) ? 'UNCONNECTED' : instance.status;
