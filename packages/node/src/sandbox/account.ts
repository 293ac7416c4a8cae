import { randomInt } from 'node:crypto';
import { type Dirent, lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Ids that no distribution, container manager or directory service gives to anybody (systemd's UIDS-GIDS). */
const ACCOUNTS = { first: 1_879_048_192, last: 2_147_483_646 };
const isAccount = (id: number) => id >= ACCOUNTS.first && id <= ACCOUNTS.last;

/**
 * Returns the account that a folder belongs to, for root, who makes the folder and gives it an account of its own where
 * it has none yet, with all that is in it. The folder's owner is the only record there is: nothing else can come to
 * disagree with it. `among`: a folder below which, two levels deep, no other folder has the same account.
 */
export function claimAccount(folder: string, among?: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  if (isAccount(uid)) return uid;
  const taken = new Set(among ? listOwners(among, 2) : []);
  let account = randomInt(ACCOUNTS.first, ACCOUNTS.last + 1);
  while (taken.has(account)) account = randomInt(ACCOUNTS.first, ACCOUNTS.last + 1);
  giveFolder(folder, account);
  return account;
}

/**
 * Makes a folder an account's own with all that is in it, itself last: half of it done is not done. Files with another
 * name elsewhere stay what they are.
 */
export function giveFolder(folder: string, account: number) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveFolder(path, account);
    else if (lstatSync(path).nlink === 1) lchownSync(path, account, account);
  }
  lchownSync(folder, account, account);
}

const listOwners = (folder: string, depth: number): number[] =>
  depth === 0
    ? []
    : foldersIn(folder).flatMap(({ name }) => {
        const path = join(folder, name);
        return [lstatSync(path).uid, ...listOwners(path, depth - 1)];
      });

const foldersIn = (folder: string): Dirent[] =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
