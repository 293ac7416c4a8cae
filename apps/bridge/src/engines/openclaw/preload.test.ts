import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/folder.ts';
import { GIT_COMPARISON, writePreload } from './preload.ts';

/** Writes a package whose entry point imports these files of `dist`, and returns what it prints with the preload. */
function run(root: string, files: Record<string, string>) {
  const main = join(root, 'main.mjs');
  writeFileSync(main, `import './dist/entry.js';`);
  for (const [name, code] of Object.entries({ 'entry.js': `import './a.mjs';`, 'package.json': '{}', ...files })) {
    const path = join(root, 'dist', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
  const args = writePreload(join(root, 'preload.mjs'), main);
  return execFileSync(process.execPath, ['--no-warnings', ...args, main], { encoding: 'utf8', stdio: 'pipe' });
}

test('the preload resolves imports between the files of OpenClaw like Node', () => {
  using folder = temporaryFolder();
  const printed = run(folder.path, {
    'a.mjs': `import './sub/b.mjs'; import './c.mjs'; console.log(import.meta.url.split('/').at(-1));`,
    'sub/b.mjs': `import './c.mjs'; await import('./missing.mjs').catch(({ code }) => console.log(code));`,
    'sub/c.mjs': `console.log('sub/c.mjs');`,
    'c.mjs': `import { createRequire } from 'node:module'; console.log(createRequire(import.meta.url)('./d.cjs'));`,
    'd.cjs': `module.exports = 'd.cjs';`,
  });
  expect(printed.trim().split('\n')).toEqual(['sub/c.mjs', 'd.cjs', 'ERR_MODULE_NOT_FOUND', 'a.mjs']);
});

test('the preload is not loaded by another program', () => {
  using folder = temporaryFolder();
  expect(writePreload(join(folder.path, 'preload.mjs'), import.meta.filename)).toEqual([]);
});

test('the preload replaces the comparison with Git at the start of a session, and nothing else', () => {
  using folder = temporaryFolder();
  const printed = run(folder.path, {
    'a.mjs': `import './session-diff-baseline-1.mjs'; import './session-diff-2.mjs';`,
    'session-diff-baseline-capture-3.mjs': `console.log('claimed');`,
    'session-diff-baseline-1.mjs': `import './session-diff-baseline-capture-3.mjs'; const { captureSessionDiffBaseline: capture } = await import('./session-diff-2.mjs');
      console.log(await capture());`,
    'session-diff-2.mjs': `console.log('compared'); export const captureSessionDiffBaseline = () => 'a result';`,
  });
  expect(printed.trim().split('\n').toSorted()).toEqual(['claimed', 'compared', 'undefined']);
});

test('the installed OpenClaw has the module of the comparison that the preload replaces', () => {
  const dist = join(dirname(fileURLToPath(import.meta.resolve('openclaw/cli-entry'))), 'dist');
  const importers = readdirSync(dist).filter((name) => GIT_COMPARISON.importer.test(`/${name}`));
  const imports = importers.flatMap((name) => [
    ...readFileSync(join(dist, name), 'utf8').matchAll(/captureSessionDiffBaseline.*import\("([^"]+)"\)/g),
  ]);
  expect(imports.map(([, specifier]) => specifier)).toEqual([expect.stringMatching(GIT_COMPARISON.imported)]);
});
