import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createToken } from '@it0/node/token';
import type { RunAs } from './run-as.ts';

/** Creates the data folder and its password, under another name first, so that the folder is never incomplete. */
export function createCluster(data: string, initdb: string, { uid, gid, prefix }: RunAs) {
  const unfinished = `${data}.new`;
  const password = `${data}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(password, createToken(), { mode: 0o600 });
  if (uid && gid) for (const path of [unfinished, password]) chownSync(path, uid, gid);

  const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${password}`];
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const [command, ...args] = [...prefix, initdb, '-D', unfinished, ...access, ...locale, '--no-instructions'];
  const { status, stderr, error } = spawnSync(command!, args, { uid, gid, cwd: '/', encoding: 'utf8' });
  if (status !== 0) throw new Error(`PostgreSQL could not create its data folder: ${stderr || error?.message}`);
  renameSync(unfinished, data);
}
