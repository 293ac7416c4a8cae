import { linkSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { claimAccount } from './account.ts';
import { isRoot } from './testing.ts';

const base = mkdtempSync(join(tmpdir(), 'account-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const readOwner = (path: string) => lstatSync(path).uid;

test.runIf(isRoot)(
  'claimAccount returns the same account for a folder each time, and different ones for different folders',
  () => {
    const folders = Array.from({ length: 20 }, (_, index) => join(base, 'all', `${index % 4}`, `${index}`));
    const accounts = folders.map((folder) => claimAccount(folder, join(base, 'all')));
    expect(new Set(accounts).size).toBe(folders.length);
    expect(folders.map((folder) => claimAccount(folder, join(base, 'all')))).toEqual(accounts);
    expect(folders.map(readOwner)).toEqual(accounts);
  },
);

test.runIf(isRoot)(
  'claimAccount changes the owner of a folder with its contents, but not of link targets and hard links',
  () => {
    const folder = join(base, 'old');
    mkdirSync(join(folder, 'deep/down'), { recursive: true });
    writeFileSync(join(folder, 'deep/down/file'), '');
    const elsewhere = join(base, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'file'), '');
    symlinkSync(elsewhere, join(folder, 'deep/link'));
    linkSync(join(elsewhere, 'file'), join(folder, 'deep/second-name'));
    const account = claimAccount(folder);
    expect(
      ['', 'deep', 'deep/down', 'deep/down/file', 'deep/link'].map((path) => readOwner(join(folder, path))),
    ).toEqual(Array(5).fill(account));
    expect(['', 'file'].map((path) => readOwner(join(elsewhere, path)))).toEqual([0, 0]);
  },
);
