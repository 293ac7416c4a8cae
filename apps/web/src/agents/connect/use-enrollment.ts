import type { Instance } from '@it0/client/chat-source';
import { formatEnrollCommand } from '@it0/contracts/remote-bridge';
import { useEffect, useState } from 'react';
import { client, queryClient } from '../../trpc.ts';
import { useSecondsLeft } from '../../ui/time/use-seconds-left.ts';

type InstanceState = Pick<Instance, 'id' | 'host' | 'status'>;

/** Command that enrolls a bridge, and the state of the instance when it was created. */
type Enrollment = { command: string; expiresAt: string; before: InstanceState };

const ROOT_KEY = 'enrollment';
const toQueryKey = ({ id }: InstanceState) => [ROOT_KEY, id];
// Longer than the lifetime of a code. Creating another one would invalidate a code that may already be in use.
queryClient.setQueryDefaults([ROOT_KEY], { gcTime: 3_600_000 });

/** Creates an enrollment command, which invalidates the previous one. Called only on the user's request. */
export async function createEnrollment(instance: InstanceState): Promise<Enrollment> {
  const { code, packagePath, expiresAt } = await client.instance.enroll.mutate({ instanceId: instance.id });
  const enrollment = { command: formatEnrollCommand(location.origin, packagePath, code), expiresAt, before: instance };
  queryClient.setQueryData(toQueryKey(instance), enrollment);
  return enrollment;
}

/** Returns the command created before, unless a bridge has used it. */
function readEnrollment(instance: InstanceState) {
  const enrollment = queryClient.getQueryData<Enrollment>(toQueryKey(instance));
  return enrollment?.before.host === instance.host ? enrollment : undefined;
}

/** Returns the command of an instance, its remaining seconds, and whether a bridge has enrolled with it (`isEnrolled`). */
export function useEnrollment(instance: InstanceState) {
  const { id, host, status } = instance;
  const [enrollment, setEnrollment] = useState(() => readEnrollment(instance));
  const [isEnrolled, setEnrolled] = useState(false);
  const before = enrollment?.before;
  const hasMoved = before !== undefined && host !== before.host;
  // A bridge that enrolls again on the same machine is detected by the start of its agent.
  const hasRestarted = before !== undefined && host !== null && status === 'DEPLOYING' && before.status !== 'DEPLOYING';
  if (!isEnrolled && (hasMoved || hasRestarted)) setEnrolled(true);
  useEffect(() => {
    if (isEnrolled) queryClient.removeQueries({ queryKey: [ROOT_KEY, id] });
  }, [isEnrolled, id]);
  const create = async () => setEnrollment(await createEnrollment(instance));
  return { command: enrollment?.command, left: useSecondsLeft(enrollment?.expiresAt), isEnrolled, create };
}
