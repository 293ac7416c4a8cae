// Fills a shared compile cache for gateways: runs a gateway without any agent's data and without a model provider in a
// sandbox of its own, and keeps the code that Node compiled. The first argument is the folder, which is created last, so
// that an existing folder is complete. Concurrent runs for the same folder wait for the first one.
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { delay } from '@it0/node/delay';
import { isAlive } from '@it0/node/process';

const [folder] = process.argv.slice(2).map((path) => resolve(path));
if (!folder) throw new Error('The folder of the compile cache is missing.');

// A parent process that ends, ends this one.
process.once('disconnect', () => process.exit(1));
if (!existsSync(folder)) await build(folder);
process.exit(0);

async function build(target: string) {
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  const lock = `${target}.lock`;
  while (!acquire(lock)) {
    if (existsSync(target)) return;
    await delay(100);
  }
  process.once('exit', () => rmSync(lock, { force: true }));
  if (existsSync(target)) return;
  const temporary = `${target}.new`;
  rmSync(temporary, { recursive: true, force: true });
  try {
    const { runGatewayOnce } = await import('./run-gateway-once.ts');
    publish(await runGatewayOnce(temporary), target);
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Acquires the lock of a folder. A lock of a process that has ended is not valid. */
function acquire(lock: string) {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch {
    if (!isAlive(Number(read(lock)) || process.pid)) rmSync(lock, { force: true });
    return false;
  }
}

function read(path: string) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Makes the compiled code readable for all accounts and writable for none, and gives its folder its final name. */
function publish(compiled: string, target: string) {
  const own = { user: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 };
  for (const name of readdirSync(compiled)) {
    const path = join(compiled, name);
    for (const file of readdirSync(path)) {
      lchownSync(join(path, file), own.user, own.group);
      chmodSync(join(path, file), 0o444);
    }
    lchownSync(path, own.user, own.group);
    chmodSync(path, 0o755);
    renameSync(path, join(compiled, name.replace(/-\d+$/, '')));
  }
  lchownSync(compiled, own.user, own.group);
  chmodSync(compiled, 0o755);
  renameSync(compiled, target);
}
