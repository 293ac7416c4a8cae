// What `npm start`, `npm test`, `npm run check` and the other tasks of package.json do. The only code that runs on
// whatever Node (>= 20) the machine has: it installs what is needed with the pinned pnpm, and hands over to the pinned
// Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => join(root, path);
const bin = (name) => at(`node_modules/.bin/${name}`);
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', CHECKPOINT_DISABLE: '1' };
const [task, ...args] = process.argv.slice(2);

/** What the main job needs. Everything else (the tests, a mobile app) is installed by the first `npm test`. */
const toStart = ['.', '@it0/server...', '@it0/bridge...', '@it0/web...'].map((name) => `--filter=${name}`);
const toBuild = ['--filter=@it0/db', '--filter=@it0/web', '--filter=@it0/bridge'];

const tasks = {
  async start() {
    await install('start');
    const { code, output } = await captured(bin('turbo'), ['run', 'generate', 'build', ...toBuild]);
    if (code) console.log(output);
    return code || run(bin('node'), ['apps/server/src/main.ts', ...args], ['inherit', 'inherit', 'inherit', 'ipc']);
  },
  doctor: () => command('doctor'),
  tenants: () => command('tenants'),
  'user:add': () => command('user-add'),
  'claude:add': addClaudeCode,
  async check() {
    await install('all');
    return (await turbo('typecheck', '--continue')) + (await run(bin('biome'), ['ci', '--error-on-warnings']));
  },
  async test() {
    await install('all');
    const totals = at('node_modules/.it0-totals');
    rmSync(totals, { force: true });
    env.IT0_TOTALS = totals;
    const failures =
      (await turbo('typecheck', 'build', '--continue')) +
      (await run(bin('biome'), ['ci', '--error-on-warnings'])) +
      (await run(bin('vitest'), ['run', ...args]));
    console.log(existsSync(totals) ? readFileSync(totals, 'utf8') : '0 passed, 1 failed, 0 skipped');
    return failures;
  },
  async 'test:faults'() {
    await install('all');
    await turbo('generate');
    return run(bin('node'), ['tests/faults/main.ts', ...args]);
  },
  async 'test:attacks'() {
    await install('all');
    await turbo('generate');
    return run(bin('node'), ['tests/attacks/main.ts', ...args]);
  },
  async bench() {
    await install('all');
    await turbo('generate');
    return run(bin('node'), ['tests/load/main.ts', ...args]);
  },
  async fix() {
    await install('all');
    return run(bin('biome'), ['check', '--write']);
  },
};

/** A program of the server for a terminal. */
async function command(name) {
  await install('start');
  const { code, output } = await captured(bin('turbo'), ['run', 'generate', '--filter=@it0/db']);
  if (code) console.log(output);
  return code || run(bin('node'), [`apps/server/src/cli/${name}.ts`, ...args]);
}

/** Puts Claude Code, which is too large for every start, where the bridge looks for it. */
async function addClaudeCode() {
  const { dependencies } = JSON.parse(readFileSync(at('apps/bridge/package.json'), 'utf8'));
  const sdk = '@anthropic-ai/claude-agent-sdk';
  const program = `${sdk}-${process.platform}-${process.arch}@${dependencies[sdk]}`;
  const quietly = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock'];
  return run('npm', ['install', ...quietly, '--prefix', at('node_modules/.claude-code'), program]);
}

const turbo = (...argv) => run(bin('turbo'), ['run', ...argv]);

/** Brings node_modules up to date; nothing is done when the lockfile is the one that was installed. */
async function install(scope) {
  const stamp = at('node_modules/.it0-installed');
  const inputs = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((path) =>
    readFileSync(at(path), 'utf8'),
  );
  const key = createHash('sha256')
    .update([process.platform, process.arch, ...inputs].join('\n'))
    .digest('hex');
  const byNpm = existsSync(at('node_modules/.package-lock.json'));
  const installed = existsSync(stamp) && !byNpm ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
  const wanted = installed.scope === 'all' ? 'all' : scope;
  let { pnpm } = installed;
  if (installed.key !== key || installed.scope !== wanted || !existsSync(pnpm)) {
    // npm's tree and pnpm's do not mix.
    if (byNpm) rmSync(at('node_modules'), { recursive: true });
    rmSync(stamp, { force: true });
    pnpm = await fetchPnpm();
    const filters = wanted === 'all' ? [] : toStart;
    const code = await run(pnpm, ['install', '--frozen-lockfile', ...filters]);
    if (code) process.exit(code);
    writeFileSync(stamp, JSON.stringify({ key, scope: wanted, pnpm }));
  }
  env.PATH = [dirname(bin('node')), dirname(pnpm), process.env.PATH].join(delimiter);
}

/** The path of the pinned pnpm, which npm keeps in its cache. */
async function fetchPnpm() {
  const { packageManager } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const find = ['--yes', '--package', packageManager, '--call', 'command -v pnpm'];
  const { code, output } = await captured('npx', find, ['ignore', 'pipe', 'inherit']);
  if (code) process.exit(code);
  return output.trim();
}

let child;
let stopping = false;

/** Runs a program until it ends. 0 is success; when it is us who are to stop, nothing comes after it. */
function run(command, argv, stdio = 'inherit', onOutput = undefined) {
  return new Promise((resolve) => {
    const end = (code) => (stopping ? process.exit(code) : resolve(code));
    child = spawn(command, argv, { cwd: root, env, stdio });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', onOutput);
    child.on('error', (error) => {
      console.log(`${command}: ${error.message}`);
      end(1);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

async function captured(command, argv, stdio = ['ignore', 'pipe', 'pipe']) {
  let output = '';
  const code = await run(command, argv, stdio, (chunk) => {
    output += chunk;
  });
  return { code, output };
}

function stop(signal) {
  stopping = true;
  child?.kill(signal);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
// A killed npm hands on no signal: do not outlive it.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && stop('SIGTERM'), 250).unref();

process.exitCode = (await tasks[task]()) ? 1 : 0;
