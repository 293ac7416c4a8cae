import type { Instance } from '@it0/client/chat-source';
import { formatEnrollCommand } from '@it0/contracts/remote-bridge';
import { useEffect, useState } from 'react';
import { client, queryClient } from '../trpc.ts';
import { useSecondsLeft } from '../ui/use-seconds-left.ts';

type Place = Pick<Instance, 'id' | 'host' | 'status'>;

/** The command that makes a bridge an instance's, and how that instance was when it was made. */
type Enrollment = { command: string; expiresAt: string; before: Place };

const root = 'enrollment';
const keyOf = ({ id }: Place) => [root, id];
// Longer than a code is good: another one would void it, and it may stand in somebody's terminal by now.
queryClient.setQueryDefaults([root], { gcTime: 3_600_000 });

/** Makes a command, which ends the one there was: only ever because somebody asks for it. */
export async function makeEnrollment(instance: Place): Promise<Enrollment> {
  const { code, packagePath, expiresAt } = await client.instance.enroll.mutate({ instanceId: instance.id });
  const enrollment = { command: formatEnrollCommand(location.origin, packagePath, code), expiresAt, before: instance };
  queryClient.setQueryData(keyOf(instance), enrollment);
  return enrollment;
}

/** The command that was made before, unless a bridge has used it. */
function keptEnrollment(instance: Place) {
  const kept = queryClient.getQueryData<Enrollment>(keyOf(instance));
  return kept?.before.host === instance.host ? kept : undefined;
}

/** The command there is for an instance, for how many seconds it is good, and whether a bridge has come by it. */
export function useEnrollment(instance: Place) {
  const { id, host, status } = instance;
  const [enrollment, setEnrollment] = useState(() => keptEnrollment(instance));
  const [isHere, setHere] = useState(false);
  const before = enrollment?.before;
  const isElsewhere = before !== undefined && host !== before.host;
  // One that comes to the same machine again shows by its beginning.
  const begins = before !== undefined && host !== null && status === 'DEPLOYING' && before.status !== 'DEPLOYING';
  if (!isHere && (isElsewhere || begins)) setHere(true);
  useEffect(() => {
    if (isHere) queryClient.removeQueries({ queryKey: [root, id] });
  }, [isHere, id]);
  const make = async () => setEnrollment(await makeEnrollment(instance));
  return { command: enrollment?.command, left: useSecondsLeft(enrollment?.expiresAt), isHere, make };
}
