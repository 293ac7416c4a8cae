#!/usr/bin/env node
// What `npx` starts, on whatever Node (>= 20) the machine has: it hands over to the Node that came along, and installs
// with that one what it runs. As a dependency OpenClaw would refuse an older Node at once.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const at = (path) => fileURLToPath(new URL(`../bridge/${path}`, import.meta.url));

/** Undefined where there is none for a machine such as this. */
function nodeThatCame() {
  const { optionalDependencies } = require('../package.json');
  const name = Object.keys(optionalDependencies).find((one) => one.endsWith(`${process.platform}-${process.arch}`));
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin/node');
  } catch {
    return undefined;
  }
}

function nodeOfThisMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // What OpenClaw asks for.
  const isRight = (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
  return isRight ? process.execPath : fail(`There is no Node for ${process.platform}-${process.arch} in this package.`);
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

let child;
/** Runs a program to its end, and returns its exit code. */
async function run(program, args, options) {
  child = spawn(program, args, options);
  child.on('error', ({ code }) => fail(`${program} cannot be run here (${code}). Install Node 24.16 or newer.`));
  const [code, signal] = await once(child, 'exit');
  return code ?? 128 + constants.signals[signal];
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal));

/** What a process is called, and who started it. */
function processAt(pid) {
  if (process.platform === 'linux') {
    const [, parent] = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
  }
  const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const [, parent, command] = /^\s*(\d+)\s+(.*)/.exec(line);
  return { parent: Number(parent), command };
}

/** The npm that started this, with a shell between or without; undefined when it was not npm. */
function npmAbove() {
  if (process.env.npm_command !== 'exec') return undefined;
  const above = processAt(process.ppid);
  if (above.command.startsWith('npm')) return process.ppid;
  return processAt(above.parent).command.startsWith('npm') ? above.parent : undefined;
}

/** A killed npm hands on no signal. Of a person's shell that is gone nobody needs to hear: a bridge may be left running. */
function endWithNpm() {
  const npm = npmAbove();
  const isGone = () => {
    try {
      return !process.kill(npm, 0);
    } catch {
      return true;
    }
  };
  if (npm) setInterval(() => isGone() && child?.kill('SIGTERM'), 250).unref();
}

/** Where nobody looks until it is whole. No scripts are run but OpenClaw's own last step, which its first start needs. */
async function install() {
  process.stdout.write('Installing OpenClaw for this agent. It takes a minute or two, the first time only.\n');
  const place = mkdtempSync(at('installing-'));
  copyFileSync(at('package.json'), join(place, 'package.json'));
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  const quietly = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const options = { cwd: place, env, stdio: ['ignore', 'inherit', 'inherit'] };
  const lastStep = ['node_modules/openclaw/scripts/postinstall-bundled-plugins.mjs'];
  const code =
    (await run('npm', ['install', '--prefix', place, '--ignore-scripts', ...quietly], options)) ||
    (await run(node, lastStep, options));
  // Where it is already, another bridge that was started at the same time was first.
  if (code === 0 && !existsSync(at('node_modules'))) renameSync(join(place, 'node_modules'), at('node_modules'));
  rmSync(place, { recursive: true, force: true });
  if (code) fail('It could not be installed. Repeat the command to try again.');
}

endWithNpm();
const node = nodeThatCame() ?? nodeOfThisMachine();
if (!existsSync(at('node_modules'))) await install();
const main = ['--disable-warning=ExperimentalWarning', at('code/main.js'), ...process.argv.slice(2)];
// Once the channel closes the bridge ends: also when this process is killed.
process.exit(await run(node, main, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }));
