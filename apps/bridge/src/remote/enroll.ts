import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { ENROLL_PATH, EnrollResponse } from '@it0/contracts/remote-bridge';
import type { HostInfo } from './host-info.ts';
import { backoffMs, post } from './server-link.ts';
import { type Attempt, type Enrollment, openStateDir, type StateDir } from './state-dir.ts';
import type { StatusPrinter } from './status-printer.ts';

export type EnrollOptions = {
  stateDir: StateDir;
  hostInfo: HostInfo;
  code?: string;
  printer: StatusPrinter;
  signal: AbortSignal;
};

/**
 * Whose bridge this is: as the folder has it, or as the server says for the code. Throws what a person can do about it
 * when it is nobody's; what the folder had stays then.
 */
export async function enroll({ stateDir: folder, hostInfo: told, code, printer: terminal, signal }: EnrollOptions): Promise<Enrollment> {
  const had = folder.enrollment.read();
  if (!code && !had) throw new Error('This bridge is not enrolled yet. Start it with the command that the page shows.');
  const codeHash = code && createHash('sha256').update(code).digest('hex');
  if (had && (!codeHash || had.codeHash === codeHash)) return had;

  const attempt = beginAttempt(folder, codeHash!);
  const instance = await ask({ ...told, code, secret: attempt.secret }, told.server, terminal, signal);
  if (had && !isSame(had, instance)) throw otherFolder(folder, had, { ...instance, attempt });
  const enrollment = { ...attempt, server: told.server, ...instance };
  folder.enrollment.write(enrollment);
  folder.attempt.remove();
  return enrollment;
}

const isSame = (one: EnrollResponse, other: EnrollResponse) =>
  one.tenantId === other.tenantId && one.instanceId === other.instanceId;

/** The same code is shown with the same secret every time, which the server answers alike. */
function beginAttempt({ attempt }: StateDir, codeHash: string): Attempt {
  const begun = attempt.read();
  if (begun?.codeHash === codeHash) return begun;
  const fresh = { codeHash, secret: randomBytes(32).toString('base64url') };
  attempt.write(fresh);
  return fresh;
}

async function ask(
  body: object,
  server: string,
  terminal: StatusPrinter,
  signal: AbortSignal,
): Promise<EnrollResponse> {
  for (let failures = 1; ; failures += 1) {
    const reply = await post(server, { path: ENROLL_PATH, body, withinMs: 10_000, signal });
    if (reply.type === 'refused') throw new Error(reply.message);
    const enrolled = reply.type === 'answer' ? EnrollResponse.safeParse(reply.body).data : undefined;
    if (enrolled) {
      terminal.reached();
      return enrolled;
    }
    const { why, waitMs } = reply.type === 'away' ? reply : { why: 'an answer that makes no sense' };
    terminal.away(why);
    await after(waitMs ?? backoffMs(failures), undefined, { signal });
  }
}

/** The code is used up by now, with a secret that only the other folder must have: it is put there, for the next try. */
function otherFolder(folder: StateDir, had: Enrollment, now: { name: string; instanceId: string; attempt: Attempt }) {
  // The end of an id is random; its beginning is a timestamp.
  const dir = `${folder.dir}-${now.instanceId.slice(-12)}`;
  openStateDir(dir).attempt.write(now.attempt);
  folder.attempt.remove();
  return new Error(
    `${folder.dir} is the folder of “${had.name}”. Repeat the command with a folder for “${now.name}”: --dir ${dir}`,
  );
}
