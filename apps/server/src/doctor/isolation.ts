import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Finding } from './finding.ts';

/** Whether this machine keeps agents away from the server and from each other, tried as at a start. */
export async function examineIsolation(isAllowed: boolean): Promise<Finding> {
  const what = 'isolation';
  const probe = mkdtempSync(join(tmpdir(), 'it0-doctor-'));
  try {
    const { method, detail } = await findSandbox({ probe });
    if (method !== 'none') return { what, seen: `agents on this machine run in a sandbox (${method})`, todo: null };
    if (isAllowed)
      return { what, seen: 'agents on this machine are not isolated, which IT0_ALLOW_UNISOLATED allows', todo: null };
    return { what, seen: 'agents on this machine are not isolated', todo: detail };
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

type Row = { isolation: string | null; isolationDetail: string | null };

/** What to say of an instance that nothing isolates; the empty text of others. */
export const seenOfIsolation = ({ isolation, isolationDetail }: Row) => {
  if (isolation !== 'none') return '';
  return isolationDetail === null ? ', not isolated (chosen)' : ', not isolated';
};
