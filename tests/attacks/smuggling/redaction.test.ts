import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { redactedCommands } from './redaction.ts';

const require = createRequire(new URL('../../../apps/bridge/package.json', import.meta.url));
const dist = join(dirname(require.resolve('openclaw/plugin-sdk/logging-core')), '..');
type Exports = Record<string, unknown>;
const load = (file: string): Promise<Exports> => import(pathToFileURL(file).href);

/** Finds OpenClaw's list of redaction patterns, which is not part of its public exports. */
async function readPatterns(): Promise<(string | RegExp)[]> {
  for (const name of readdirSync(dist).filter((file) => /^redact-\w+\.mjs$/.test(file))) {
    for (const exported of Object.values(await load(join(dist, name))))
      if (typeof exported === 'function' && exported.name === 'getDefaultRedactPatterns') return exported();
  }
  throw new Error('The redaction patterns of OpenClaw were not found.');
}

function compile(pattern: string | RegExp): RegExp {
  if (pattern instanceof RegExp) return pattern;
  const [, source, flags] = /^\/(.+)\/([gimsuy]*)$/.exec(pattern) ?? [];
  return source ? new RegExp(source, `${flags}g`.replace(/g+/, 'g')) : new RegExp(pattern, 'gi');
}

// The import loads half of OpenClaw.
const mark = 'abcdef012345';

test('redactedCommands has a command for each pattern of OpenClaw’s redaction that masks its effect', {}, async () => {
  const patterns = await readPatterns();
  expect(patterns.length).toBeGreaterThan(100);
  const commands = redactedCommands.map((command) => command(mark));
  const masks = (pattern: RegExp, command: string) =>
    [...command.matchAll(pattern)].some(([match, ...groups]) => (groups.at(-1) ?? match).includes(mark));
  const uncovered = patterns.map(compile).filter((pattern) => !commands.some((command) => masks(pattern, command)));
  expect(uncovered.map(String)).toEqual([]);
});

test('OpenClaw’s redaction masks the marker in every command', async () => {
  const { redactSensitiveText } = await load(require.resolve('openclaw/plugin-sdk/logging-core'));
  const outputs = redactedCommands.map((command) => ({
    command: command(mark),
    masked: (redactSensitiveText as (text: string, options: object) => string)(command(mark), { mode: 'tools' }),
  }));
  expect(outputs.filter(({ masked }) => masked.includes(mark))).toEqual([]);
});
