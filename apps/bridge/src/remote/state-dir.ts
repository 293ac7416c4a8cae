import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as after } from 'node:timers/promises';
import { BridgeModel } from '@it0/contracts/remote-bridge';
import { z } from 'zod';
import { openJsonFile } from './json-file.ts';

/** What is shown to the server to become an instance's bridge: on disk before it is shown, so that no answer is missed. */
export const Attempt = z.object({ codeHash: z.string(), secret: z.string() });
export type Attempt = z.infer<typeof Attempt>;

export const Enrollment = Attempt.extend({
  server: z.string(),
  tenantId: z.string(),
  instanceId: z.string(),
  name: z.string(),
});
export type Enrollment = z.infer<typeof Enrollment>;

/** What the server said last is to run here. */
export const DesiredAgent = z.object({ running: z.boolean(), revision: z.int(), model: BridgeModel.optional() });
export type DesiredAgent = z.infer<typeof DesiredAgent>;

export type StateDir = ReturnType<typeof openStateDir>;

/** A bridge's folder, made if it is not there: what it must know after a restart, beside what its engine keeps there. */
export function openStateDir(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  return {
    dir,
    attempt: openJsonFile(dir, 'enrolling.json', Attempt),
    enrollment: openJsonFile(dir, 'enrolled.json', Enrollment),
    desired: openJsonFile(dir, 'desired.json', DesiredAgent),
  };
}

/** How long a bridge may take to end that was told to. */
const patienceMs = 6_000;

/** Has the folder for this process alone until it is gone, in whatever way: two bridges there would do each task twice. */
export async function lockStateDir({ dir }: StateDir, signal: AbortSignal) {
  const lock = new DatabaseSync(join(dir, 'lock.db'));
  for (const until = Date.now() + patienceMs; ; ) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return { release: () => lock.close() };
    } catch {
      if (Date.now() < until && !signal.aborted) await after(100, undefined, { signal }).catch(() => {});
      else throw new Error(`Another bridge is running in ${dir}. Stop it first, or give this one a --dir of its own.`);
    }
  }
}
