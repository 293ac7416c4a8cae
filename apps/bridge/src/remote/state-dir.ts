import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BridgeModel } from '@it0/contracts/remote-bridge';
import { delay } from '@it0/node/delay';
import { z } from 'zod';
import { openJsonFile } from './json-file.ts';

/** An enrollment in progress. It is stored before the request, so that a retry after a crash uses the same secret. */
export const EnrollmentAttempt = z.object({ codeHash: z.string(), secret: z.string() });
export type EnrollmentAttempt = z.infer<typeof EnrollmentAttempt>;

/** The instance that this bridge belongs to, and the secret that authenticates it. */
export const Enrollment = EnrollmentAttempt.extend({
  server: z.string(),
  tenantId: z.string(),
  instanceId: z.string(),
  name: z.string(),
});
export type Enrollment = z.infer<typeof Enrollment>;

/** The last desired state that the server sent. */
export const DesiredAgent = z.object({ running: z.boolean(), revision: z.int(), model: BridgeModel.optional() });
export type DesiredAgent = z.infer<typeof DesiredAgent>;

export type StateDir = ReturnType<typeof openStateDir>;

/** Opens a bridge's state directory, and creates it if missing. Its engine stores files there as well. */
export function openStateDir(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  return {
    dir,
    attempt: openJsonFile(dir, 'enrolling.json', EnrollmentAttempt),
    enrollment: openJsonFile(dir, 'enrolled.json', Enrollment),
    desired: openJsonFile(dir, 'desired.json', DesiredAgent),
  };
}

/** The longest wait for another bridge that is shutting down. */
const LOCK_TIMEOUT_MS = 6_000;

/**
 * Locks a state directory until disposed or until this process exits: two bridges there would run each task twice.
 * Throws when another bridge has the lock.
 */
export async function lockStateDir({ dir }: StateDir, signal: AbortSignal): Promise<Disposable> {
  const lock = new DatabaseSync(join(dir, 'lock.db'));
  for (const until = Date.now() + LOCK_TIMEOUT_MS; ; ) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return { [Symbol.dispose]: () => lock.close() };
    } catch {
      if (Date.now() < until && !signal.aborted) await delay(100, signal);
      else throw new Error(`Another bridge is running in ${dir}. Stop it first, or use another folder with --dir.`);
    }
  }
}
