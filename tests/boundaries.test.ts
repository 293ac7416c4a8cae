import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Who may import whom; everybody may import what is not ours, where its package.json says so. */
const allowed: Record<string, string[]> = {
  'packages/node': [],
  'packages/contracts': [],
  'packages/bus': ['contracts', 'node'],
  'packages/db': ['contracts', 'node'],
  'packages/api': ['contracts', 'db', 'bus', 'node'],
  'packages/client': ['contracts'],
  'apps/web': ['client', 'contracts'],
  'apps/bridge': ['contracts', 'node'],
  'apps/server': ['contracts', 'db', 'bus', 'api', 'node'],
};
/** From api, clients take the router's type and nothing else. */
const typesOnly: Record<string, string[]> = { 'packages/client': ['api'], 'apps/web': ['api'] };
const mayUseReact = (file: string) => /^(packages\/client\/src\/react|apps\/web|apps\/mobile)\//.test(file);

type Import = { file: string; room: string; from: string; type: boolean };

function imports(): Import[] {
  return Object.keys(allowed).flatMap((room) => {
    const files = readdirSync(join(root, room, 'src'), { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => /\.tsx?$/.test(file) && !/(^|\/)generated\/|\.test\.tsx?$/.test(file))
      .flatMap((name) => {
        const file = join(room, 'src', name);
        return [...importsOf(readFileSync(join(root, file), 'utf8'))].map((found) => ({ ...found, file, room }));
      });
  });
}

/** Static, dynamic and bare imports and re-exports of a TypeScript file. */
function* importsOf(source: string) {
  const statement = /^\s*(import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
  for (const [, , type, from] of source.matchAll(statement)) yield { from: from!, type: Boolean(type) };
  for (const [, from] of source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) yield { from: from!, type: false };
}

const all = imports();

test('the import scan covers every package', () => {
  expect(new Set(all.map(({ room }) => room))).toEqual(new Set(Object.keys(allowed)));
  expect(all.length).toBeGreaterThan(200);
});

test('no package imports one that it may not import', () => {
  const forbidden = all.filter(({ room, from, type }) => {
    const other = /^@it0\/([\w-]+)/.exec(from)?.[1];
    if (!other || room.endsWith(`/${other}`)) return false;
    return !allowed[room]!.includes(other) && !(type && typesOnly[room]?.includes(other));
  });
  expect(forbidden).toEqual([]);
});

test('no relative import leaves its package, and nothing imports the tests', () => {
  const outside = all.filter(({ file, room, from }) => {
    if (!from.startsWith('.')) return false;
    return relative(join(root, room, 'src'), resolve(root, dirname(file), from)).startsWith('..');
  });
  expect(outside).toEqual([]);
});

test('only views and client/react import React', () => {
  const react = all.filter(({ from }) => /^(react|react-dom|react-native)(\/|$)/.test(from));
  expect(react.filter(({ file }) => !mayUseReact(file))).toEqual([]);
  expect(react.length).toBeGreaterThan(0);
});

test('every package lists its imports in its package.json', () => {
  const missing = all.filter(({ room, from }) => {
    if (from.startsWith('.') || from.startsWith('node:')) return false;
    const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(root, room, 'package.json'), 'utf8'),
    );
    return !{
      ...dependencies,
      ...devDependencies,
      ...peerDependencies,
      ...optionalDependencies,
      [`@it0/${room.split('/')[1]}`]: 1,
    }[name];
  });
  expect(missing).toEqual([]);
});

test('no folder or file has a catch-all name such as utils or helpers', () => {
  const files = Object.keys(allowed).flatMap((room) =>
    readdirSync(join(root, room, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  );
  expect(files.filter((file) => /\/(utils?|lib|common|helpers?|misc)(\/|\.|$)/.test(file))).toEqual([]);
});
