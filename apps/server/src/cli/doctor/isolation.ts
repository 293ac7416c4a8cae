import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Finding } from './finding.ts';

/** Checks whether this machine can run agents in a sandbox, with the same test as the server's start. */
export async function examineIsolation(isAllowed: boolean): Promise<Finding> {
  const subject = 'isolation';
  const probe = mkdtempSync(join(tmpdir(), 'it0-doctor-'));
  try {
    const { method, detail } = await findSandbox({ probe });
    if (method !== 'none')
      return { subject, state: `agents on this machine run in a sandbox (${method})`, advice: null };
    const state = 'agents on this machine are not isolated: the first allowed command of an agent can allow all others';
    if (isAllowed) return { subject, state: `${state}; accepted by IT0_ALLOW_UNISOLATED`, advice: null };
    return { subject, state, advice: detail };
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

type InstanceIsolation = { isolation: string | null; isolationDetail: string | null };

/** Formats a note about an instance without isolation; empty for all others. */
export const formatIsolation = ({ isolation, isolationDetail }: InstanceIsolation) => {
  if (isolation !== 'none') return '';
  return `, not isolated${isolationDetail === null ? ' (chosen)' : ''}, so an allowed command can allow all others`;
};
