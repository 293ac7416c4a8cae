import { randomUUID } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { formatPath, Refusal, toAbsolutePath, type WorkspacePath } from './workspace-path.ts';

/*
 * The agent's commands may run at the same time and replace any folder or file with a link. So no path is resolved
 * twice: each folder is opened relative to its open parent, without following links, and all further operations use
 * that handle, even if the path now leads elsewhere.
 */

const isLinux = process.platform === 'linux';
/** Opens a handle that names a file without opening it, so that no device or pipe is opened unchecked. Linux only. */
const O_PATH = 0o10000000;
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** An open folder of the workspace. */
export class Folder implements AsyncDisposable {
  readonly handle: FileHandle;
  readonly path: string;

  constructor(handle: FileHandle, path: string) {
    this.handle = handle;
    this.path = path;
  }

  /** Returns the path of a name in this folder. On Linux it stays valid when the folder is moved. */
  at(name = '') {
    return `${isLinux ? `/proc/self/fd/${this.handle.fd}` : this.path}/${name}`;
  }

  /** Throws a `Refusal` if the folder was moved since it was opened. */
  async requireInPlace() {
    const currentPath = isLinux ? await readlink(`/proc/self/fd/${this.handle.fd}`) : await realpath(this.path);
    if (currentPath !== this.path) throw new Refusal(`${formatPath(this.path)} is not a folder, or was just moved.`);
  }

  async openFolder(name: string): Promise<Folder> {
    const path = `${this.path}/${name}`;
    try {
      return new Folder(await open(this.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path);
    } catch (error) {
      if (!hasCode(error, 'ENOTDIR', 'ELOOP')) throw error;
      const isLink = await lstat(this.at(name)).then((stats) => stats.isSymbolicLink());
      throw new Refusal(isLink ? formatLinkRefusal(path) : `${formatPath(path)} is not a folder.`);
    }
  }

  async [Symbol.asyncDispose]() {
    await this.handle.close();
  }
}

/** Opens a folder. With `shouldCreate` missing folders are created. The caller closes it. */
export async function openFolder(
  { base, names }: Pick<WorkspacePath, 'base' | 'names'>,
  shouldCreate = false,
): Promise<Folder> {
  let folder = new Folder(await open(base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), base);
  try {
    for (const name of names) {
      const isNew = shouldCreate && (await mkdir(folder.at(name)).then(() => true, ignore('EEXIST')));
      const next = await folder.openFolder(name);
      if (isNew) await inheritOwner(folder, next.handle);
      await folder.handle.close();
      folder = next;
    }
    await folder.requireInPlace();
    return folder;
  } catch (error) {
    await folder.handle.close();
    throw error;
  }
}

/** A regular file that is open for reading, and its state when it was opened. */
export type OpenFile = AsyncDisposable & { handle: FileHandle; stats: BigIntStats };

/** Opens a regular file for reading. Throws a `Refusal` for any other kind of file, and for a file with hard links. */
export async function openFile(path: WorkspacePath): Promise<OpenFile> {
  await using folder = await openParent(path);
  // Without `await` the folder would be closed first.
  return await openEntry(folder, path.names.at(-1)!);
}

async function openEntry(folder: Folder, name: string): Promise<OpenFile> {
  const path = `${folder.path}/${name}`;
  if (!isLinux) {
    requireRegularFile(await lstat(folder.at(name), { bigint: true }), path);
    return checkHandle(await open(folder.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK), path);
  }
  const named = await open(folder.at(name), O_PATH | O_NOFOLLOW);
  try {
    requireRegularFile(await named.stat({ bigint: true }), path);
    return await checkHandle(await open(`/proc/self/fd/${named.fd}`, O_RDONLY | O_NONBLOCK), path);
  } finally {
    await named.close();
  }
}

async function checkHandle(handle: FileHandle, path: string): Promise<OpenFile> {
  try {
    const stats = requireRegularFile(await handle.stat({ bigint: true }), path);
    return { handle, stats, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function requireRegularFile(stats: BigIntStats, path: string): BigIntStats {
  if (stats.isSymbolicLink()) throw new Refusal(formatLinkRefusal(path));
  if (stats.isDirectory()) throw new Refusal(`${formatPath(path)} is a folder.`);
  if (!stats.isFile()) throw new Refusal(`${formatPath(path)} is not a regular file.`);
  if (stats.nlink > 1n)
    throw new Refusal(`${formatPath(path)} is a hard link: the file has other names. Copy it with a command first.`);
  return stats;
}

const formatLinkRefusal = (path: string) =>
  `${formatPath(path)} is a symbolic link. Links are not followed: use the target's path, or run a command.`;

/** Opens the folder of a file. The caller closes it. */
const openParent = ({ base, names }: WorkspacePath, shouldCreate = false) =>
  openFolder({ base, names: names.slice(0, -1) }, shouldCreate);

/** Reads up to `max` bytes from `position` on. */
export async function readBytes(handle: FileHandle, max: number, position = 0): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(max);
  let length = 0;
  while (length < max) {
    const { bytesRead } = await handle.read(buffer, length, max - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** Reads a whole file. Throws a `Refusal` when it is larger than `max` bytes. */
export async function readAll({ handle, stats }: OpenFile, max: number): Promise<Buffer> {
  // The file may grow while it is read.
  const bytes = stats.size > max ? undefined : await readBytes(handle, max + 1);
  if (!bytes || bytes.length > max) throw new Refusal(`The file is larger than ${max} bytes. Run a command instead.`);
  return bytes;
}

/** Returns a string that changes when the file does. */
export const getFileVersion = ({ ino, size, ctimeNs }: BigIntStats) => `${ino} ${size} ${ctimeNs}`;

/** Returns a file's state, or undefined when there is none. Throws a `Refusal` for a file that tools cannot write. */
export async function statFile(path: WorkspacePath): Promise<BigIntStats | undefined> {
  try {
    await using folder = await openParent(path);
    return await statEntry(folder, path.names.at(-1)!);
  } catch (error) {
    return ignore('ENOENT')(error);
  }
}

/**
 * Writes a whole file atomically, and creates missing folders. An existing file keeps its permissions except setuid and
 * setgid. Throws a `Refusal` when `version` is given and the file has another one.
 */
export async function replaceFile(path: WorkspacePath, content: Uint8Array, version?: string): Promise<void> {
  await using folder = await openParent(path, true);
  const name = path.names.at(-1)!;
  const existing = await statEntry(folder, name);
  if (version !== undefined && (!existing || getFileVersion(existing) !== version))
    throw new Refusal(`${formatPath(toAbsolutePath(path))} was changed in the meantime. Read it again.`);
  const temporary = folder.at(`it0-${randomUUID()}.part`);
  try {
    await create(folder, temporary, content, existing && Number(existing.mode & 0o777n));
    await folder.requireInPlace();
    await rename(temporary, folder.at(name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function statEntry(folder: Folder, name: string) {
  const stats = await lstat(folder.at(name), { bigint: true }).catch(ignore('ENOENT'));
  return stats && requireRegularFile(stats, `${folder.path}/${name}`);
}

async function create(folder: Folder, path: string, content: Uint8Array, mode: number | undefined) {
  await using handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode ?? 0o666);
  await handle.writeFile(content);
  // `open` applies the umask to the mode.
  if (mode !== undefined) await handle.chmod(mode);
  await inheritOwner(folder, handle);
}

/** Sets the owner of a new file to that of its folder: a bridge that runs as root works in an account's folders. */
async function inheritOwner(folder: Folder, handle: FileHandle) {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await folder.handle.stat();
  await handle.chown(uid, gid);
}

const hasCode = (error: unknown, ...codes: string[]) => codes.includes((error as NodeJS.ErrnoException).code ?? '');

/** Creates an error handler that returns undefined for errors with this code, and rethrows others. */
const ignore = (code: string) => (error: unknown) => {
  if (hasCode(error, code)) return undefined;
  throw error;
};
