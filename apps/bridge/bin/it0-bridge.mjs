#!/usr/bin/env node
// The command that `npx` runs, with the machine's own Node (>= 20). It installs OpenClaw and runs the bridge with the
// Node that is a dependency of this package. OpenClaw itself is no dependency, since npm would not install it with an
// older Node.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const toBridgePath = (path) => fileURLToPath(new URL(`../bridge/${path}`, import.meta.url));

/** Returns the path of the Node in this package's dependencies; undefined if there is none for this platform. */
function findBundledNode() {
  const { optionalDependencies } = require('../package.json');
  const name = Object.keys(optionalDependencies).find((each) => each.endsWith(`${process.platform}-${process.arch}`));
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin/node');
  } catch {
    return undefined;
  }
}

/** Returns the path of the machine's own Node. Exits if OpenClaw does not support its version. */
function requireLocalNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // The versions in OpenClaw's `engines`.
  const isSupported = (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
  return isSupported
    ? process.execPath
    : fail(`This package has no Node for ${process.platform}-${process.arch}. Install Node 24.16 or newer.`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

let child;
/** Runs a program until it exits. Returns its exit code. */
async function run(program, args, options) {
  child = spawn(program, args, options);
  child.on('error', ({ code }) => fail(`Cannot run ${program} (${code}). Install Node 24.16 or newer.`));
  const [code, signal] = await once(child, 'exit');
  return code ?? 128 + constants.signals[signal];
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal));

/** Reads the parent and the command line of a process. */
function readProcess(pid) {
  if (process.platform === 'linux') {
    const [, parentPid] = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { parentPid: Number(parentPid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
  }
  const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const [, parentPid, command] = /^\s*(\d+)\s+(.*)/.exec(line);
  return { parentPid: Number(parentPid), command };
}

/** Returns the pid of the npm that started this process, directly or by a shell; undefined if it was not npm. */
function findNpm() {
  if (process.env.npm_command !== 'exec') return undefined;
  const parent = readProcess(process.ppid);
  if (parent.command.startsWith('npm')) return process.ppid;
  return readProcess(parent.parentPid).command.startsWith('npm') ? parent.parentPid : undefined;
}

/**
 * Stops the bridge when npm exits, since a killed npm does not forward the signal. The user's shell is not watched: a
 * bridge may keep running without it.
 */
function exitWithNpm() {
  const npm = findNpm();
  const hasExited = () => {
    try {
      return !process.kill(npm, 0);
    } catch {
      return true;
    }
  };
  if (npm) setInterval(() => hasExited() && child?.kill('SIGTERM'), 250).unref();
}

/**
 * Installs OpenClaw into a temporary folder and moves it into place when it is complete. Runs no install scripts except
 * OpenClaw's last step, which its first start requires.
 */
async function install() {
  process.stdout.write('Installing OpenClaw. This takes a minute or two, and only on the first start.\n');
  const folder = mkdtempSync(toBridgePath('installing-'));
  copyFileSync(toBridgePath('package.json'), join(folder, 'package.json'));
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  const quietFlags = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const options = { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] };
  const lastStep = ['node_modules/openclaw/scripts/postinstall-bundled-plugins.mjs'];
  const code =
    (await run('npm', ['install', '--prefix', folder, '--ignore-scripts', ...quietFlags], options)) ||
    (await run(node, lastStep, options));
  // Another bridge that was started at the same time may have installed it already.
  if (code === 0 && !existsSync(toBridgePath('node_modules')))
    renameSync(join(folder, 'node_modules'), toBridgePath('node_modules'));
  rmSync(folder, { recursive: true, force: true });
  if (code) fail('OpenClaw could not be installed. Run the command again to retry.');
}

exitWithNpm();
const node = findBundledNode() ?? requireLocalNode();
if (!existsSync(toBridgePath('node_modules'))) await install();
const main = ['--disable-warning=ExperimentalWarning', toBridgePath('code/main.js'), ...process.argv.slice(2)];
// The bridge exits when the IPC channel closes, which it also does when this process is killed.
process.exit(await run(node, main, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }));
