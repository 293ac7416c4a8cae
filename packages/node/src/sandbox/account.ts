import { randomInt } from 'node:crypto';
import { type Dirent, lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** User ids that no distribution, container manager or directory service assigns (see systemd's UIDS-GIDS). */
const ACCOUNTS = { first: 1_879_048_192, last: 2_147_483_646 };
const isAccount = (id: number) => id >= ACCOUNTS.first && id <= ACCOUNTS.last;

/**
 * Returns the account that owns a folder. Creates the folder if missing, and gives it with its contents to a new
 * account if it has none. The folder's owner is the only record of the account, so that no second record can contradict
 * it. The account is unique among the folders in the two levels below `among`. Must run as root.
 */
export function claimAccount(folder: string, among?: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  if (isAccount(uid)) return uid;
  const usedAccounts = new Set(among ? listOwners(among, 2) : []);
  let account = randomInt(ACCOUNTS.first, ACCOUNTS.last + 1);
  while (usedAccounts.has(account)) account = randomInt(ACCOUNTS.first, ACCOUNTS.last + 1);
  giveFolder(folder, account);
  return account;
}

/**
 * Changes the owner of a folder and its contents. The folder itself is changed last, so that an interrupted call is
 * repeated. Files with hard links keep their owner.
 */
export function giveFolder(folder: string, account: number) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveFolder(path, account);
    else if (lstatSync(path).nlink === 1) lchownSync(path, account, account);
  }
  lchownSync(folder, account, account);
}

/** Lists the owners of the folders in the `depth` levels below a folder. */
const listOwners = (folder: string, depth: number): number[] =>
  depth === 0
    ? []
    : listFolders(folder).flatMap(({ name }) => {
        const path = join(folder, name);
        return [lstatSync(path).uid, ...listOwners(path, depth - 1)];
      });

const listFolders = (folder: string): Dirent[] =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
