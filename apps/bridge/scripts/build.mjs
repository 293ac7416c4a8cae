// Builds the package that other hosts run with `npx`: bridge.tgz, and its version in bridge.json. The output folder is
// the first argument, or dist. The version is derived from the content, so the same sources have the same version.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = process.argv[2] ?? join(root, 'dist');
const content = join(dist, 'package');
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { name, version, dependencies } = readJson('package.json');

/** Excluded, since it includes 200 MB of Claude Code, which remote bridges do not run. */
const EXCLUDED = '@anthropic-ai/claude-agent-sdk';
const isOurs = (module) => module.startsWith('@it0/');

rmSync(dist, { recursive: true, force: true });
mkdirSync(content, { recursive: true });

// Node does not run TypeScript below node_modules, so our modules are bundled. npm installs all others.
const code = await rolldown({
  cwd: root,
  input: { main: 'src/remote/main.ts' },
  external: (id) => /^[^./]/.test(id) && !isOurs(id),
  platform: 'node',
});
await code.write({ dir: join(content, 'bridge/code'), entryFileNames: '[name].js', chunkFileNames: '[name].js' });
cpSync(join(root, 'bin'), join(content, 'bin'), { recursive: true });

/** The package.json that the launcher installs: all dependencies in the versions that are installed here. */
const bridgeManifest = {
  name,
  type: 'module',
  dependencies: Object.fromEntries(
    Object.keys(dependencies)
      .filter((module) => !isOurs(module) && module !== EXCLUDED)
      .map((module) => [module, readJson(`node_modules/${module}/package.json`).version]),
  ),
};
/** The package.json that `npx` installs: the launcher, and the Node that runs the bridge. */
const launcherManifest = {
  name,
  description: 'Runs an IT0 agent on this machine',
  license: 'UNLICENSED',
  type: 'module',
  bin: { 'it0-bridge': 'bin/it0-bridge.mjs' },
  engines: { node: '>=20' },
  optionalDependencies: readJson('../../package.json').optionalDependencies,
};

const files = readdirSync(content, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
const hash = createHash('sha256').update(JSON.stringify([bridgeManifest, launcherManifest]));
for (const file of files) hash.update(`\n${file.slice(content.length)}\n`).update(readFileSync(file));
// It starts at a letter: a numeric identifier in a semantic version must not have a leading zero.
const [buildId] = /[a-f][0-9a-f]{7}/.exec(hash.digest('hex'));
const buildVersion = `${version}-${buildId}`;
const writeManifest = (path, manifest) =>
  writeFileSync(join(content, path), `${JSON.stringify({ ...manifest, version: buildVersion }, null, 2)}\n`);
writeManifest('package.json', launcherManifest);
writeManifest('bridge/package.json', bridgeManifest);

const packed = execFileSync('npm', ['pack', content, '--json', '--ignore-scripts', '--pack-destination', dist], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
renameSync(join(dist, JSON.parse(packed)[0].filename), join(dist, 'bridge.tgz'));
writeFileSync(join(dist, 'bridge.json'), `${JSON.stringify({ version: buildVersion })}\n`);
