import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { claimAccount } from './account.ts';
import { findBubblewrap } from './bubblewrap.ts';
import { findSandbox } from './find-sandbox.ts';
import { findNamespaces } from './namespaces.ts';
import type { Candidate } from './sandbox.ts';
import { testCandidate } from './self-test.ts';
import { isRoot, setups } from './testing.ts';

const base = mkdtempSync(join(import.meta.dirname, '../../../../node_modules/.sandbox-'));
chmodSync(base, 0o755);
afterAll(() => rmSync(base, { recursive: true, force: true }));
const account = isRoot && process.platform === 'linux' ? claimAccount(join(base, 'owner')) : undefined;
const canUse = (method: string) => setups.some((setup) => setup.method === method);
const probe = join(base, 'probe');

/** Returns a sandbox with a defect. */
const damage = (candidate: Candidate, change: (argv: string[]) => string[]): Candidate => ({
  ...candidate,
  wrap: (argv, spec) => change(candidate.wrap(argv, spec)),
});
const removeOptions =
  (...options: string[]) =>
  (argv: string[]) => {
    const at = argv.findIndex((_, index) => options.every((option, offset) => argv[index + offset] === option));
    return argv.toSpliced(at, options.length);
  };
const replace = (from: string, to: string) => (argv: string[]) => argv.map((part) => part.replace(from, to));

test.runIf(canUse('bubblewrap')).each([
  [
    'no isolation',
    (argv: string[]) => argv.slice(argv.indexOf('/bin/sh', argv.indexOf('--') + (isRoot ? 2 : 0))),
    // /run is hidden in the same way.
    /(folder is (not )?|\/run is )visible/,
  ],
  ['no pid namespace', removeOptions('--unshare-pid'), /pid namespace|processes of other/],
  ['no ipc namespace', removeOptions('--unshare-ipc'), /ipc namespace/],
  [
    'a writable system',
    (argv: string[]) => argv.map((part) => (part === '--ro-bind' ? '--bind' : part)),
    /can be written/,
  ],
  ['a visible /run', removeOptions('--tmpfs', '/run'), /run is visible|--remount-ro|remount/],
  ['processes that outlive the parent', removeOptions('--die-with-parent'), /outlive/],
])(
  'the self-test fails for bubblewrap with %s',
  async (_, change, defect) => {
    expect(await testCandidate(damage(findBubblewrap(account)!, change), probe, account)).toMatch(defect);
  },
  120_000,
);

test.runIf(canUse('namespaces')).each([
  [
    'the right to change the mounts',
    replace(
      isRoot
        ? ' --reuid "$id" --regid "$id" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all'
        : 'exec unshare --user --map-user="$id" --map-group="$group" -- setpriv --no-new-privs --bounding-set=-all --inh-caps=-all',
      isRoot ? '' : 'exec setpriv',
    ),
    /gain privileges|capabilities|uncovered|written/,
  ],
  [
    'hidden folders left visible',
    (argv: string[]) =>
      replace('[ "$1" = hidden ]', '[ "$1" = unused ]')(replace('hidden) if', 'hidden) true;; unused) if')(argv)),
    /(folder|run) is (not )?visible/,
  ],
  ['writable mounts', replace('remount,bind,ro$options', 'remount,bind$options'), /can be written/],
  [
    'processes that outlive the parent',
    (argv: string[]) => argv.slice(argv.indexOf('--') + 1).filter((part) => part !== '--kill-child'),
    /outlive/,
  ],
])(
  'the self-test fails for namespaces with %s',
  async (_, change, defect) => {
    expect(await testCandidate(damage(findNamespaces(account)!, change), probe, account)).toMatch(defect);
  },
  120_000,
);

test('findSandbox returns no sandbox but advice when no method is allowed', async () => {
  const sandbox = await findSandbox({ probe, methods: [] });
  expect(sandbox).toMatchObject({ method: 'none', detail: expect.stringMatching(/\w/), account: null });
  expect(sandbox.wrap(['program', 'argument'], { cwd: '/', writable: [], hidden: [] })).toEqual([
    'program',
    'argument',
  ]);
});

test.runIf(setups.length > 0)('findSandbox returns the first method that passes the self-test', async () => {
  expect(await findSandbox({ probe })).toMatchObject({ method: setups[0]!.method, detail: null });
});

test.runIf(setups.length > 0)('the self-test passes with a umask of 077', async () => {
  const mask = process.umask(0o077);
  try {
    expect(await findSandbox({ probe: join(base, 'masked') })).toMatchObject({ detail: null });
  } finally {
    process.umask(mask);
  }
});
