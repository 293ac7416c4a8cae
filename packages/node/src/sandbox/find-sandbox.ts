import { claimAccount } from './account.ts';
import { adviseOn, type Failure } from './advice.ts';
import { findBubblewrap } from './bubblewrap.ts';
import { findNamespaces } from './namespaces.ts';
import type { Sandbox } from './sandbox.ts';
import { findSeatbelt } from './seatbelt.ts';
import { testCandidate } from './self-test.ts';

export type FindSandboxOptions = {
  /** As whom everything inside runs, where root starts it; without it one is made, and kept as the owner of `probe`. */
  account?: number;
  /** A folder of the self-test's own, made if it is not there. */
  probe: string;
  /** The methods that may be used, the best first; without it all. */
  methods?: (keyof typeof FINDERS)[];
};

const FINDERS = { bubblewrap: findBubblewrap, namespaces: findNamespaces, seatbelt: findSeatbelt };

/** Finds the best method that this machine allows. Each is believed only after a self-test that really runs. */
export async function findSandbox({ account, probe, methods }: FindSandboxOptions): Promise<Sandbox> {
  const user = process.getuid?.() === 0 && process.platform === 'linux' ? (account ?? claimAccount(probe)) : undefined;
  const failures: Failure[] = [];
  for (const method of methods ?? (Object.keys(FINDERS) as (keyof typeof FINDERS)[])) {
    const candidate = FINDERS[method](user);
    if (!candidate) continue;
    const why = await testCandidate(candidate, probe, user);
    if (why === null) return { ...candidate, detail: null, account: user ?? null };
    failures.push({ method, why });
  }
  return createNoSandbox(adviseOn(failures));
}

/** Makes what stands for a sandbox where there is none. `detail` is null where a person chose to do without. */
export const createNoSandbox = (detail: string | null): Sandbox => ({
  method: 'none',
  detail,
  account: null,
  wrap: (argv) => argv,
});
