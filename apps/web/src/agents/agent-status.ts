import type { Instance } from '@it0/client/chat-source';

type Place = Pick<Instance, 'driver' | 'host'>;

/** Whether it lives on a machine whose bridge enrolls, and not on the server’s. */
export const isRemote = ({ driver }: Pick<Place, 'driver'>) => driver === 'remote';

/** One that lives on no machine yet. */
export const isUnconnected = (place: Place) => isRemote(place) && place.host === null;

/** Its status as it is shown: what no machine has yet is not being deployed. */
export const statusOf = (instance: Place & Pick<Instance, 'status'>) =>
  instance.status === 'DEPLOYING' && isUnconnected(instance) ? 'UNCONNECTED' : instance.status;
