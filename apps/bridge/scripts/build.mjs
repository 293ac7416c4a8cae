// Makes the package that another host runs with `npx`: bridge.tgz, and its version in bridge.json, in dist or the folder
// that is named. The same sources make the same version.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('..', import.meta.url));
const dist = process.argv[2] ?? join(here, 'dist');
const content = join(dist, 'package');
const readJson = (path) => JSON.parse(readFileSync(join(here, path), 'utf8'));
const { name, version, dependencies } = readJson('package.json');

/** It brings 200 MB of Claude Code along, which is no part of a bridge that runs OpenClaw. */
const leftOut = '@anthropic-ai/claude-agent-sdk';
const isOurs = (module) => module.startsWith('@it0/');

rmSync(dist, { recursive: true, force: true });
mkdirSync(content, { recursive: true });

// Node runs no TypeScript below node_modules. What is not ours stays what npm installs.
const code = await rolldown({
  cwd: here,
  input: { main: 'src/remote/main.ts' },
  external: (id) => /^[^./]/.test(id) && !isOurs(id),
  platform: 'node',
});
await code.write({ dir: join(content, 'bridge/code'), entryFileNames: '[name].js', chunkFileNames: '[name].js' });
cpSync(join(here, 'bin'), join(content, 'bin'), { recursive: true });

/** What the launcher installs: everything as it is installed here, whatever way it is named in. */
const inner = {
  name,
  type: 'module',
  dependencies: Object.fromEntries(
    Object.keys(dependencies)
      .filter((module) => !isOurs(module) && module !== leftOut)
      .map((module) => [module, readJson(`node_modules/${module}/package.json`).version]),
  ),
};
/** What `npx` installs: the launcher, and the Node that everything runs on. */
const outer = {
  name,
  description: 'An IT0 agent on a host of its own',
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
const hash = createHash('sha256').update(JSON.stringify([inner, outer]));
for (const file of files) hash.update(`\n${file.slice(content.length)}\n`).update(readFileSync(file));
// From its first letter on: a version cannot end with a number that begins with nought.
const [mark] = /[a-f][0-9a-f]{7}/.exec(hash.digest('hex'));
const marked = `${version}-${mark}`;
const writeManifest = (path, manifest) =>
  writeFileSync(join(content, path), `${JSON.stringify({ ...manifest, version: marked }, null, 2)}\n`);
writeManifest('package.json', outer);
writeManifest('bridge/package.json', inner);

const packed = execFileSync('npm', ['pack', content, '--json', '--ignore-scripts', '--pack-destination', dist], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
renameSync(join(dist, JSON.parse(packed)[0].filename), join(dist, 'bridge.tgz'));
writeFileSync(join(dist, 'bridge.json'), `${JSON.stringify({ version: marked })}\n`);
