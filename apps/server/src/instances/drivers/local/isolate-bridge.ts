import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claimAccount } from '@it0/node/sandbox/account';
import { findPackages } from '@it0/node/sandbox/find-packages';
import type { Sandbox } from '@it0/node/sandbox/sandbox';
import { toInstancesFolder } from '../driver.ts';

/** Sandbox of a bridge, and the server's data folder, which the sandbox hides. */
export type Confinement = { sandbox: Sandbox; dataDir: string };

type Bridge = {
  dir: string;
  env: Record<string, string>;
  confinement: Confinement;
  /** Folders that it can read in addition to the code. */
  readable: string[];
};

const CHECKOUT = fileURLToPath(new URL('../../../../../../', import.meta.url));
/** Folders of the checkout that a bridge needs to run. */
const CODE_FOLDERS = ['apps', 'packages', 'node_modules'].map((name) => join(CHECKOUT, name));
/** Variables that give access to a person's keys, or mean nothing to an account without a name and a home. */
const PERSONAL = /^(SSH_AUTH_SOCK|USER|LOGNAME|TMPDIR)$/;

/**
 * Wraps the command of a bridge so that it, its gateway and everything that an agent starts run in the sandbox. They
 * cannot access the server's data, other instances, home folders or other processes. They can write to the bridge's own
 * folder and read its code. When the server runs as root, the bridge also gets an account, which owns the folder.
 */
export function isolateBridge(argv: string[], { dir, env, confinement: { sandbox, dataDir }, ...bridge }: Bridge) {
  if (sandbox.method === 'none') return { argv, env };
  const account = sandbox.account === null ? undefined : claimAccount(dir, toInstancesFolder(dataDir));
  if (account !== undefined && !(statSync(argv[1]!).mode & 0o004))
    throw new Error(
      `Only its owner reads the code in ${CHECKOUT}, and agents run as other accounts: chmod -R go+rX it.`,
    );
  const { CLAUDE_PATH: claude } = env;
  const programs = claude && existsSync(claude) ? [findPackages(claude)] : [];
  const readable = [...CODE_FOLDERS, ...programs, ...bridge.readable];
  const spec = { cwd: dir, writable: [dir], readable, hidden: [dataDir, CHECKOUT], account };
  const variables = { HOME: dir, ...(claude && existsSync(claude) && { CLAUDE_PATH: realpathSync(claude) }) };
  return { argv: sandbox.wrap(argv, spec), env: { ...withoutPersonal(env), ...variables } };
}

const withoutPersonal = (env: Record<string, string>) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !PERSONAL.test(name)));
