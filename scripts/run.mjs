// Runs the tasks of package.json, such as `npm start` and `npm test`. This is the only code that runs on the Node of
// the machine (>= 20): it installs the dependencies with the pinned pnpm and runs everything else with the pinned Node.
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

/** Packages that `npm start` needs. The first `npm test` installs the rest. */
const startFilters = ['.', '@it0/server...', '@it0/bridge...', '@it0/web...'].map((name) => `--filter=${name}`);
const buildFilters = ['--filter=@it0/db', '--filter=@it0/web', '--filter=@it0/bridge'];

const tasks = {
  build,
  async start() {
    return (
      (await build()) ||
      run(bin('node'), ['apps/server/src/main.ts', ...args], ['inherit', 'inherit', 'inherit', 'ipc'])
    );
  },
  doctor: () => serverCommand('doctor'),
  tenants: () => serverCommand('tenants'),
  backup: () => serverCommand('backup'),
  restore: () => serverCommand('restore'),
  'user:add': () => serverCommand('user-add'),
  'claude:add': addClaudeCode,
  async check() {
    await install('all');
    // The build of the web app checks the sizes of its pages.
    return (
      (await turbo('typecheck', '@it0/web#build', '--continue')) +
      (await run(bin('biome'), ['ci', '--error-on-warnings']))
    );
  },
  async test() {
    await install('all');
    // A file of this run, since another one may use the same checkout at the same time.
    const totals = at(`node_modules/.it0-totals-${process.pid}`);
    env.IT0_TOTALS = totals;
    // The tests start a Node process for each test file, and about a hundred bridges.
    env.NODE_COMPILE_CACHE = at('node_modules/.cache/node');
    const failures =
      (await turbo('typecheck', 'build', '--continue')) +
      (await run(bin('biome'), ['ci', '--error-on-warnings'])) +
      (await run(bin('vitest'), ['run', ...args]));
    console.log(existsSync(totals) ? readFileSync(totals, 'utf8') : '0 passed, 1 failed, 0 skipped');
    rmSync(totals, { force: true });
    return failures;
  },
  async 'test:slow'() {
    await install('all');
    return (await turbo('build')) || run(bin('vitest'), ['run', '--mode', 'slow', ...args]);
  },
  'test:faults': () => testProgram('faults/main.ts'),
  'test:attacks': () => testProgram('attacks/main.ts'),
  bench: () => testProgram('load/main.ts'),
  'bench:web': () => testProgram('load/web/main.ts'),
  async fix() {
    await install('all');
    return run(bin('biome'), ['check', '--write']);
  },
};

/** Installs and builds what `npm start` needs. */
async function build() {
  await install('start');
  const { code, output } = await capture(bin('turbo'), ['run', 'generate', 'build', ...buildFilters]);
  if (code) console.log(output);
  return code;
}

/** Runs a command line program of the server. */
async function serverCommand(name) {
  await install('start');
  const { code, output } = await capture(bin('turbo'), ['run', 'generate', '--filter=@it0/db']);
  if (code) console.log(output);
  return code || run(bin('node'), [`apps/server/src/cli/${name}.ts`, ...args]);
}

/** Runs a program of the tests beside the built server. */
async function testProgram(path) {
  await install('all');
  return (await turbo('generate', 'build')) || run(bin('node'), [`tests/${path}`, ...args]);
}

/** Installs Claude Code where the bridge finds it. It is too large to be installed at every start. */
async function addClaudeCode() {
  const { dependencies } = JSON.parse(readFileSync(at('apps/bridge/package.json'), 'utf8'));
  const sdk = '@anthropic-ai/claude-agent-sdk';
  const program = `${sdk}-${process.platform}-${process.arch}@${dependencies[sdk]}`;
  const quietly = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock'];
  return run('npm', ['install', ...quietly, '--prefix', at('node_modules/.claude-code'), program]);
}

const turbo = (...argv) => run(bin('turbo'), ['run', ...argv]);

/** Installs the dependencies, unless they are already installed from the same lockfile. */
async function install(scope) {
  const stamp = at('node_modules/.it0-installed');
  const inputs = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((path) =>
    readFileSync(at(path), 'utf8'),
  );
  const key = createHash('sha256')
    .update([process.platform, process.arch, ...inputs].join('\n'))
    .digest('hex');
  const isNpmTree = existsSync(at('node_modules/.package-lock.json'));
  const installed = existsSync(stamp) && !isNpmTree ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
  const target = installed.scope === 'all' ? 'all' : scope;
  let { pnpm } = installed;
  if (installed.key !== key || installed.scope !== target || !existsSync(pnpm)) {
    // pnpm cannot use a node_modules folder that npm created.
    if (isNpmTree) rmSync(at('node_modules'), { recursive: true });
    rmSync(stamp, { force: true });
    pnpm = await fetchPnpm();
    const filters = target === 'all' ? [] : startFilters;
    const code = await run(pnpm, ['install', '--frozen-lockfile', ...filters]);
    if (code) process.exit(code);
    writeFileSync(stamp, JSON.stringify({ key, scope: target, pnpm }));
  }
  env.PATH = [dirname(bin('node')), dirname(pnpm), process.env.PATH].join(delimiter);
}

/** Returns the path of the pinned pnpm in npm's cache, and downloads it when missing. */
async function fetchPnpm() {
  const { packageManager } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const argv = ['--yes', '--package', packageManager, '--call', 'command -v pnpm'];
  const { code, output } = await capture('npx', argv, ['ignore', 'pipe', 'inherit']);
  if (code) process.exit(code);
  return output.trim();
}

let child;
let isStopping = false;

/** Runs a program and returns its exit code. Exits with it when a stop was requested meanwhile. */
function run(command, argv, stdio = 'inherit', onOutput = undefined) {
  return new Promise((resolve) => {
    const finish = (code) => (isStopping ? process.exit(code) : resolve(code));
    child = spawn(command, argv, { cwd: root, env, stdio });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', onOutput);
    child.on('error', (error) => {
      console.log(`${command}: ${error.message}`);
      finish(1);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}

/** Runs a program like `run`, and also returns its output. */
async function capture(command, argv, stdio = ['ignore', 'pipe', 'pipe']) {
  let output = '';
  const code = await run(command, argv, stdio, (chunk) => {
    output += chunk;
  });
  return { code, output };
}

function stop(signal) {
  isStopping = true;
  child?.kill(signal);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
// A killed npm forwards no signal, so watch for its end.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && stop('SIGTERM'), 250).unref();

if (!Object.hasOwn(tasks, task ?? '')) {
  console.log(`${task ? `There is no task ${task}.` : 'No task given.'} Tasks: ${Object.keys(tasks).join(', ')}.`);
  process.exit(1);
}
process.exitCode = (await tasks[task]()) ? 1 : 0;
