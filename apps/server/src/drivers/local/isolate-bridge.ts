import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claimAccount } from '@it0/node/sandbox/account';
import { findPackages } from '@it0/node/sandbox/find-packages';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { instancesFolder } from '../driver.ts';

/** What a bridge is kept in: the sandbox, and the folder of the server's that nobody inside may see. */
export type Cell = { sandbox: Sandbox; dataDir: string };

type Bridge = { dir: string; env: Record<string, string>; cell: Cell };

const checkout = fileURLToPath(new URL('../../../../../', import.meta.url));
/** What a bridge runs on. */
const code = ['apps', 'packages', 'node_modules'].map((name) => join(checkout, name));
/** What leads to a person's keys, or is of no use to an account without a name and a home. */
const PERSONAL = /^(SSH_AUTH_SOCK|USER|LOGNAME|TMPDIR)$/;

/**
 * Keeps a bridge, and with it its gateway and whatever an agent starts, away from the server's data, from other
 * instances, from homes and from all other processes: it has its own folder to write in and its code to read. Where the
 * server is root, it is also an account of its own, the owner of its folder.
 */
export function isolateBridge(argv: string[], { dir, env, cell: { sandbox, dataDir } }: Bridge) {
  if (sandbox.method === 'none') return { argv, env };
  const account = sandbox.account === null ? undefined : claimAccount(dir, instancesFolder(dataDir));
  if (account !== undefined && !(statSync(argv[1]!).mode & 0o004))
    throw new Error(
      `Only its owner reads the code in ${checkout}, and agents run as other accounts: chmod -R go+rX it.`,
    );
  const { CLAUDE_PATH: claude } = env;
  const readable = claude && existsSync(claude) ? [...code, findPackages(claude)] : code;
  const spec = { cwd: dir, writable: [dir], readable, hidden: [dataDir, checkout], account };
  const own = { HOME: dir, ...(claude && existsSync(claude) && { CLAUDE_PATH: realpathSync(claude) }) };
  return { argv: sandbox.wrap(argv, spec), env: { ...withoutPersonal(env), ...own } };
}

const withoutPersonal = (env: Record<string, string>) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !PERSONAL.test(name)));
