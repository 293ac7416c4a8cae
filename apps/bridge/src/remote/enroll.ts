import { createHash } from 'node:crypto';
import { ENROLL_PATH, EnrollResponse } from '@it0/contracts/remote-bridge';
import { computeBackoffMs } from '@it0/node/backoff';
import { delay } from '@it0/node/delay';
import { createToken } from '@it0/node/token';
import type { HostInfo } from './host-info.ts';
import { BACKOFF, post } from './server-link.ts';
import { type Enrollment, type EnrollmentAttempt, openStateDir, type StateDir } from './state-dir.ts';
import type { StatusPrinter } from './status-printer.ts';

export type EnrollOptions = {
  stateDir: StateDir;
  hostInfo: HostInfo;
  code?: string;
  printer: StatusPrinter;
  signal: AbortSignal;
};

/** The error of a bridge that was started without an enrollment and without what it needs to enroll. */
export const NOT_ENROLLED =
  'This bridge is not enrolled. Copy the command from the page of the agent and run it on this machine.';

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Returns the stored enrollment, or enrolls this bridge with the code. Throws an error that tells the user what to do
 * if neither is possible; the stored enrollment then stays unchanged.
 */
export async function enroll({ stateDir, hostInfo, code, printer, signal }: EnrollOptions): Promise<Enrollment> {
  const existing = stateDir.enrollment.read();
  if (!code && !existing) throw new Error(NOT_ENROLLED);
  const codeHash = code && createHash('sha256').update(code).digest('hex');
  if (existing && (!codeHash || existing.codeHash === codeHash)) return existing;

  const attempt = startAttempt(stateDir, codeHash!);
  const body = { ...hostInfo, code, secret: attempt.secret };
  const instance = await requestEnrollment(body, hostInfo.server, printer, signal);
  if (existing && !isSameInstance(existing, instance)) throw moveAttempt(stateDir, existing, { ...instance, attempt });
  const enrollment = { ...attempt, server: hostInfo.server, ...instance };
  stateDir.enrollment.write(enrollment);
  stateDir.attempt.remove();
  return enrollment;
}

const isSameInstance = (one: EnrollResponse, other: EnrollResponse) =>
  one.tenantId === other.tenantId && one.instanceId === other.instanceId;

/** Returns the stored attempt with this code, or stores a new one. A request with the same secret can be repeated. */
function startAttempt({ attempt }: StateDir, codeHash: string): EnrollmentAttempt {
  const stored = attempt.read();
  if (stored?.codeHash === codeHash) return stored;
  const created = { codeHash, secret: createToken() };
  attempt.write(created);
  return created;
}

/** Sends the enrollment request, and retries while the server is unavailable. Throws when the server rejects it. */
async function requestEnrollment(
  body: object,
  server: string,
  printer: StatusPrinter,
  signal: AbortSignal,
): Promise<EnrollResponse> {
  for (let failures = 1; ; failures += 1) {
    const result = await post(server, { path: ENROLL_PATH, body, withinMs: REQUEST_TIMEOUT_MS, signal });
    if (result.type === 'rejected') throw new Error(result.message);
    const response = result.type === 'ok' ? EnrollResponse.safeParse(result.body).data : undefined;
    if (response) {
      printer.showReachable();
      return response;
    }
    const { cause, waitMs } = result.type === 'unavailable' ? result : { cause: 'invalid response', waitMs: null };
    printer.showUnreachable(cause);
    await delay(waitMs ?? computeBackoffMs(failures, BACKOFF), signal);
    signal.throwIfAborted();
  }
}

/**
 * Moves the attempt to a new folder and returns an error that names it: the code is used up, and only works with the
 * secret of this attempt.
 */
function moveAttempt(
  stateDir: StateDir,
  existing: Enrollment,
  { name, instanceId, attempt }: { name: string; instanceId: string; attempt: EnrollmentAttempt },
) {
  // The end of an id is random; its beginning is a timestamp.
  const dir = `${stateDir.dir}-${instanceId.slice(-12)}`;
  openStateDir(dir).attempt.write(attempt);
  stateDir.attempt.remove();
  return new Error(
    `${stateDir.dir} belongs to the agent “${existing.name}”. ` +
      `Repeat the command with another folder for “${name}”: --dir ${dir}`,
  );
}
