import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listMounts } from './mounts.ts';
import { writeProfile } from './seatbelt.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'mounts-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const at = (path: string) => join(base, path);
for (const path of ['data/instances/mine/hidden', 'data/other']) mkdirSync(at(path), { recursive: true });
writeFileSync(at('data/key'), '');
symlinkSync(at('data'), at('link'));

const mountsOf = (spec: Parameters<typeof listMounts>[0], isAccount = false) =>
  listMounts(spec, isAccount).filter(({ path }) => path.startsWith(base));

test('what is shown below a hidden folder comes after it, with the folders between them', () => {
  const spec = {
    cwd: '/',
    readable: [base],
    hidden: [at('data'), at('data/instances/mine/hidden'), at('data/other')],
    writable: [at('data/instances/mine')],
  };
  expect(mountsOf(spec)).toMatchObject([
    { path: base, kind: 'readable' },
    { path: at('data'), kind: 'hidden', parents: [] },
    { path: at('data/instances/mine'), kind: 'writable', parents: [at('data/instances')] },
    { path: at('data/instances/mine/hidden'), kind: 'hidden', parents: [] },
  ]);
});

test('a link is taken for where it leads, a file may be hidden too, and what is not there is no concern', () => {
  const spec = {
    cwd: '/',
    readable: [base],
    writable: [],
    hidden: [at('link/other'), at('data/key'), at('data/nothing')],
  };
  expect(mountsOf(spec).slice(1)).toMatchObject([
    { path: at('data/other'), kind: 'hidden', isFolder: true },
    { path: at('data/key'), kind: 'hidden', isFolder: false },
  ]);
});

test('a folder that is to be written has to be there', () => {
  expect(() => mountsOf({ cwd: '/', hidden: [], writable: [at('nothing')] })).toThrow(/ENOENT/);
});

test('folders above that not everybody may enter are made anew for an account', () => {
  const spec = { cwd: '/', readable: [], hidden: [], writable: [at('data/other')] };
  rmSync(at('closed'), { recursive: true, force: true });
  mkdirSync(at('closed/in/it'), { recursive: true });
  expect(
    listMounts({ ...spec, writable: [at('closed/in/it')] }, true).find(({ path }) => path === at('closed/in/it')),
  ).toMatchObject({
    parents: [base, at('closed'), at('closed/in')].filter((path) => path !== '/tmp'),
  });
});

test('a profile of macOS denies before it allows what is below, and no path can end its string', () => {
  const odd = at('a "quoted" (path)');
  mkdirSync(odd);
  const profile = writeProfile({ cwd: '/', hidden: [at('data')], writable: [odd] });
  expect(profile.indexOf(`(deny file-read* (subpath "${at('data')}"))`)).toBeGreaterThan(0);
  expect(profile.indexOf(`(allow file-read* (subpath "${base}/a \\"quoted\\" (path)"))`)).toBeGreaterThan(
    profile.indexOf('deny file-read*'),
  );
});
