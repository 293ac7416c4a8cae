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

const listTestMounts = (spec: Parameters<typeof listMounts>[0], isAccount = false) =>
  listMounts(spec, isAccount).filter(({ path }) => path.startsWith(base));

test('listMounts lists a folder below a hidden one after it, with the parents between them', () => {
  const spec = {
    cwd: '/',
    readable: [base],
    hidden: [at('data'), at('data/instances/mine/hidden'), at('data/other')],
    writable: [at('data/instances/mine')],
  };
  expect(listTestMounts(spec)).toMatchObject([
    { path: base, kind: 'readable' },
    { path: at('data'), kind: 'hidden', parents: [] },
    { path: at('data/instances/mine'), kind: 'writable', parents: [at('data/instances')] },
    { path: at('data/instances/mine/hidden'), kind: 'hidden', parents: [] },
  ]);
});

test('listMounts resolves links, hides files, and ignores hidden paths that do not exist', () => {
  const spec = {
    cwd: '/',
    readable: [base],
    writable: [],
    hidden: [at('link/other'), at('data/key'), at('data/nothing')],
  };
  expect(listTestMounts(spec).slice(1)).toMatchObject([
    { path: at('data/other'), kind: 'hidden', isFolder: true },
    { path: at('data/key'), kind: 'hidden', isFolder: false },
  ]);
});

test('listMounts throws for a missing writable folder', () => {
  expect(() => listTestMounts({ cwd: '/', hidden: [], writable: [at('nothing')] })).toThrow(/ENOENT/);
});

test('listMounts hides parents that an account may not enter', () => {
  const spec = { cwd: '/', readable: [], hidden: [], writable: [at('data/other')] };
  rmSync(at('closed'), { recursive: true, force: true });
  mkdirSync(at('closed/in/it'), { recursive: true });
  expect(
    listMounts({ ...spec, writable: [at('closed/in/it')] }, true).find(({ path }) => path === at('closed/in/it')),
  ).toMatchObject({
    parents: [base, at('closed'), at('closed/in')].filter((path) => path !== '/tmp'),
  });
});

test('writeProfile denies a folder before it allows folders below, and escapes paths', () => {
  const odd = at('a "quoted" (path)');
  mkdirSync(odd);
  const profile = writeProfile({ cwd: '/', hidden: [at('data')], writable: [odd] });
  expect(profile.indexOf(`(deny file-read* (subpath "${at('data')}"))`)).toBeGreaterThan(0);
  expect(profile.indexOf(`(allow file-read* (subpath "${base}/a \\"quoted\\" (path)"))`)).toBeGreaterThan(
    profile.indexOf('deny file-read*'),
  );
});
