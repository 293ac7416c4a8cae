import type { DesiredInstance } from '@it0/api/agent/instance/instance-records';

/** A step towards the desired state. `drain` lets running tasks end before it stops the instance. */
export type Action = 'none' | 'start' | 'restart' | 'drain' | 'stop' | 'remove';

/**
 * Decides what to do with an instance. `started` is what was started here; undefined if nothing was. Processes that a
 * killed server left behind are unknown here, so an instance that should not run is always stopped.
 */
export function decideAction(
  { desiredState, revision }: Pick<DesiredInstance, 'desiredState' | 'revision'>,
  started: { revision: number } | undefined,
): Action {
  switch (desiredState) {
    case 'RUNNING':
      if (!started) return 'start';
      return started.revision === revision ? 'none' : 'restart';
    case 'STOPPED':
      return started ? 'drain' : 'stop';
    case 'REMOVED':
      return 'remove';
  }
}
