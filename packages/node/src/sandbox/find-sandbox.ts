import { claimAccount } from './account.ts';
import { type Failure, formatAdvice } from './advice.ts';
import { findBubblewrap } from './bubblewrap.ts';
import { findNamespaces } from './namespaces.ts';
import type { Sandbox } from './sandbox.ts';
import { findSeatbelt } from './seatbelt.ts';
import { testCandidate } from './self-test.ts';

/** Options of `findSandbox`. */
export type FindSandboxOptions = {
  /**
   * The account that programs inside run as, when root starts them. By default the owner of `probe`, created if needed.
   */
  account?: number;
  /** The folder for self-tests; created if missing. */
  probe: string;
  /** The methods to try, in order of preference; all by default. */
  methods?: (keyof typeof FINDERS)[];
};

const FINDERS = { bubblewrap: findBubblewrap, namespaces: findNamespaces, seatbelt: findSeatbelt };

/** Returns a sandbox with the first method that passes a self-test on this machine, or with `none` when all fail. */
export async function findSandbox({ account, probe, methods }: FindSandboxOptions): Promise<Sandbox> {
  const user = process.getuid?.() === 0 && process.platform === 'linux' ? (account ?? claimAccount(probe)) : undefined;
  const failures: Failure[] = [];
  for (const method of methods ?? (Object.keys(FINDERS) as (keyof typeof FINDERS)[])) {
    const candidate = FINDERS[method](user);
    if (!candidate) continue;
    const defect = await testCandidate(candidate, probe, user);
    if (defect === null) return { ...candidate, detail: null, account: user ?? null };
    failures.push({ method, defect });
  }
  return createNoSandbox(formatAdvice(failures));
}

/** Creates a sandbox without isolation. `detail` is the reason; null when the operator disabled isolation. */
export const createNoSandbox = (detail: string | null): Sandbox => ({
  method: 'none',
  detail,
  account: null,
  wrap: (argv) => argv,
});
