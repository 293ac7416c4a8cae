import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The packages of ours that each package may import. */
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
/** Packages from which types may be imported, such as the router's type for clients. */
const typesOnly: Record<string, string[]> = { 'packages/client': ['api'], 'apps/web': ['api'] };
const mayUseReact = (file: string) => /^(packages\/client\/src\/react|apps\/web|apps\/mobile)\//.test(file);

/** The layers of packages/api, highest first. A file is in the first one that it matches, and imports from none above. */
const apiLayers = {
  transport: /^(router\.ts|mcp\/|rest\/(document|attachments|transcriptions)\.ts)/,
  router: /\.router\.ts$/,
  request: /^(context|trpc)\.ts$/,
  agent: /^agent\//,
  voice: /^voice\//,
  auth: /^auth\//,
  core: /^((rest|jobs|retention)\/)?[^/]+$/,
};

/** Words of no other project, each with the field's words for it. The glossary explains them. */
const unwantedWords: Record<string, string> = {
  anew: 'a verb with re-, such as restart',
  asked: 'requested or the name of the request',
  asks: 'request or call',
  bring: 'fetch, send or deliver',
  brief: 'context or summary',
  brought: 'fetched or received',
  cast: 'actors',
  everybody: 'all or the name of the group',
  fellow: 'peer or cluster',
  fitting: 'compatible',
  gone: 'removed, closed or missing',
  hear: 'receive or listen',
  hears: 'receives or listens',
  heard: 'received or lastSeen',
  house: 'repository or project',
  keeper: 'proxy, store or cache',
  kept: 'stored, cached or retained',
  knock: 'authenticate or connect',
  look: 'check, read or poll',
  looks: 'checks, reads or polls',
  mailbox: 'queue or poll transport',
  nobody: 'anonymous or none',
  news: 'delivery, event or change',
  place: 'position, path or location',
  places: 'positions, paths or locations',
  room: 'memory, capacity or package',
  rooms: 'packages or sessions',
  say: 'send, report or append',
  says: 'sends, reports or text',
  scene: 'fixture or world',
  somebody: 'person, member or caller',
  stage: 'world or step',
  stands: 'is or status',
  tell: 'notify or send',
  tells: 'notifies or sends',
  told: 'notified, reported or sent',
  trouble: 'problem or error',
  wanted: 'desired',
  whoever: 'person, member or caller',
  whole: 'complete',
  wish: 'desired state',
  wishes: 'desired states',
  // American spelling.
  authorise: 'authorize',
  behaviour: 'behavior',
  enrol: 'enroll',
  enrolment: 'enrollment',
  organisation: 'organization',
};

type Import = { file: string; owner: string; from: string; type: boolean };

const listFiles = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const isSource = (file: string) => /\.tsx?$/.test(file) && !/(^|\/)(generated|node_modules)\//.test(file);

const listImports = (owner: string, folder: string): Import[] =>
  listFiles(folder)
    .filter((file) => isSource(file) && !/\.test\.tsx?$/.test(file))
    .flatMap((file) =>
      [...parseImports(readFileSync(join(root, file), 'utf8'))].map((imported) => ({ ...imported, file, owner })),
    );

/** Yields the static, dynamic and bare imports and re-exports of a TypeScript file. */
function* parseImports(source: string) {
  const statement = /^\s*(import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
  for (const [, , type, from] of source.matchAll(statement)) yield { from: from!, type: Boolean(type) };
  for (const [, from] of source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) yield { from: from!, type: false };
}

/** Returns the path of the file that a relative import means; null for an import of a package. */
const resolveImport = ({ file, from }: Pick<Import, 'file' | 'from'>) =>
  from.startsWith('.') ? join(dirname(file), from) : null;

/** Finds the cycles of relative imports, those of types included. Each is the list of its files, the first one again last. */
function findCycles(imports: Pick<Import, 'file' | 'from'>[]): string[][] {
  const importsByFile = Map.groupBy(imports, ({ file }) => file);
  const done = new Set<string>();
  function* visit(file: string, path: string[]): Generator<string[]> {
    if (path.includes(file)) return yield [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return;
    const targets = new Set(importsByFile.get(file)?.map(resolveImport));
    for (const target of targets) if (target) yield* visit(target, [...path, file]);
    done.add(file);
  }
  return [...importsByFile.keys()].flatMap((file) => [...visit(file, [])]);
}

/** Yields the names that a TypeScript file declares and exports. */
function* parseExports(source: string) {
  const declaration = /^export (?:default )?(?:async )?(?:const|let|function\*?|class|type|interface|enum) (\w+)/gm;
  for (const [, name] of source.matchAll(declaration)) yield name!;
  for (const [, list] of source.matchAll(/^export (?:type )?\{([^}]*)\}/gm))
    for (const entry of list!.split(',')) {
      const name = /(\w+)\s*$/.exec(entry)?.[1];
      if (name) yield name;
    }
}

/** Splits a name in camelCase, kebab-case or SCREAMING_CASE into words in lower case. */
const splitWords = (name: string) =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z]+/);

function findUnwanted(name: string): string[] {
  return splitWords(name).flatMap((word) => (unwantedWords[word] ? [`“${word}” is ${unwantedWords[word]}`] : []));
}

const testFolders = readdirSync(join(root, 'tests'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => join('tests', name));
const imports = Object.keys(allowed).flatMap((owner) => listImports(owner, join(owner, 'src')));

test('the import scan covers every package', () => {
  expect(new Set(imports.map(({ owner }) => owner))).toEqual(new Set(Object.keys(allowed)));
  expect(imports.length).toBeGreaterThan(200);
});

test('no package imports one that it may not import', () => {
  const failures = imports.flatMap(({ file, owner, from, type }) => {
    const target = /^@it0\/([\w-]+)/.exec(from)?.[1];
    if (!target || owner.endsWith(`/${target}`) || allowed[owner]!.includes(target)) return [];
    if (!typesOnly[owner]?.includes(target)) {
      const targets = ['itself', ...allowed[owner]!].join(', ');
      return [`${file} imports ${from}, but ${owner} may import only ${targets}. Move the code down, or pass it in.`];
    }
    return type ? [] : [`${file} imports ${from} at run time. Use \`import type\`: clients need only the types.`];
  });
  expect(failures).toEqual([]);
});

test('no relative import leaves its package, and nothing imports the tests', () => {
  const failures = imports
    .filter(({ file, owner, from }) => {
      if (!from.startsWith('.')) return false;
      return relative(join(root, owner, 'src'), resolve(root, dirname(file), from)).startsWith('..');
    })
    .map(({ file, from }) => `${file} imports ${from} of another package. Import it by its name, @it0/….`);
  expect(failures).toEqual([]);
});

test('no file of packages/api imports one of a higher layer', () => {
  const layers = Object.keys(apiLayers);
  const findLayer = (file: string) =>
    Object.values(apiLayers).findIndex((pattern) => pattern.test(relative('packages/api/src', file)));
  const failures = imports.flatMap((imported) => {
    const { file, owner } = imported;
    const target = resolveImport(imported);
    if (owner !== 'packages/api' || !target) return [];
    const [layer, targetLayer] = [findLayer(file), findLayer(target)];
    if (layer < 0) return [`${file} has no layer. Add its folder to apiLayers.`];
    if (targetLayer >= layer) return [];
    const direction = `from “${layers[layer]}” up to “${layers[targetLayer]}”`;
    return [`${file} imports ${target}, ${direction}. Move the code down, or pass it in.`];
  });
  expect(failures).toEqual([]);
});

test('no files import each other in a cycle, not even for types', () => {
  const testImports = testFolders.flatMap((folder) => listImports('tests', folder));
  const failures = findCycles([...imports, ...testImports]).map(
    (cycle) => `${cycle.join(' imports\n  ')}. Move what they share to a file that imports none of them.`,
  );
  expect(failures).toEqual([]);
});

test('findCycles follows static, type-only and dynamic imports', () => {
  const sources = {
    'src/a.ts': "import { b } from './noun/b.ts';",
    'src/noun/b.ts': "import {\n  type C,\n  c,\n} from '../c.ts';\nimport type { D } from '../d.ts';",
    'src/c.ts': "export const load = () => import('./a.ts');",
    'src/d.ts': "export type { B } from './noun/b.ts';",
    'src/e.ts': "import { a } from './a.ts';",
  };
  const found = Object.entries(sources).flatMap(([file, source]) =>
    [...parseImports(source)].map((imported) => ({ ...imported, file })),
  );
  expect(findCycles(found)).toEqual([
    ['src/a.ts', 'src/noun/b.ts', 'src/c.ts', 'src/a.ts'],
    ['src/noun/b.ts', 'src/d.ts', 'src/noun/b.ts'],
  ]);
});

test('only views and client/react import React', () => {
  const users = imports.filter(({ from }) => /^(react|react-dom|react-native)(\/|$)/.test(from));
  const failures = users
    .filter(({ file }) => !mayUseReact(file))
    .map(({ file, from }) => `${file} imports ${from}. Move the part with React to a view or to client/src/react.`);
  expect(failures).toEqual([]);
  expect(users.length).toBeGreaterThan(0);
});

test('every package lists its imports in its package.json', () => {
  const failures = imports.flatMap(({ file, owner, from }) => {
    if (from.startsWith('.') || from.startsWith('node:')) return [];
    const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(root, owner, 'package.json'), 'utf8'),
    );
    const listed = { ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies };
    if (listed[name] || name === `@it0/${owner.split('/')[1]}`) return [];
    return [`${file} imports ${name}. Add it to ${owner}/package.json.`];
  });
  expect(failures).toEqual([]);
});

test('no folder or file has a catch-all name such as utils or helpers', () => {
  const failures = Object.keys(allowed)
    .flatMap((owner) => listFiles(join(owner, 'src')))
    .filter((file) => /\/(utils?|lib|common|helpers?|misc)(\/|\.|$)/.test(file))
    .map((file) => `${file} has a name that fits everything. Name it after what it does.`);
  expect(failures).toEqual([]);
});

test('file names and exported names use the words of the field', () => {
  const sourceFolders = Object.keys(allowed).map((owner) => join(owner, 'src'));
  const files = [...sourceFolders, ...testFolders].flatMap(listFiles).filter(isSource);
  const failures = files.flatMap((file) => [
    ...findUnwanted(file).map((problem) => `Rename ${file}: ${problem}.`),
    ...[...parseExports(readFileSync(join(root, file), 'utf8'))].flatMap((name) =>
      findUnwanted(name).map((problem) => `Rename ${name} of ${file}: ${problem}.`),
    ),
  ]);
  expect(files.length).toBeGreaterThan(500);
  expect(failures).toEqual([]);
});

test('comments, titles and texts use the words of the field', () => {
  const words =
    /\b(told|heard|wish|wishes|kept|anew|whoever|somebody|everybody|fellow|keeper|knocks?|mailbox|is said|stands? (in )?for)\b|(?<!["'`])\bnobody\b(?!["'`@])/i;
  // The rules know a program named wish, and PostgreSQL runs as the user nobody. This file and the glossary list the words.
  const quotations = /(rules\/programs\.ts|embedded\/run-as\.ts|boundaries\.test\.ts|glossary\.md)$/;
  const folders = [...Object.keys(allowed).map((owner) => join(owner, 'src')), ...testFolders, 'docs'];
  const files = ['README.md', 'CONTRIBUTING.md', ...folders.flatMap(listFiles)].filter(
    (file) => (isSource(file) || file.endsWith('.md')) && !quotations.test(file),
  );
  const failures = files.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    return lines.flatMap((line, index) =>
      words.test(line) ? [`${file}:${index + 1}: ${line.trim()} The glossary has the word for it.`] : [],
    );
  });
  expect(files.length).toBeGreaterThan(500);
  expect(failures).toEqual([]);
});

test('findUnwanted finds a word in each kind of name', () => {
  for (const name of ['askedBy', 'last-heard.ts', 'KEPT_MS', 'isToldTwice']) expect(findUnwanted(name)).toHaveLength(1);
  for (const name of ['replaceIds', 'user-lookup.ts', 'MAX_PLACEMENTS', 'wishlist'])
    expect(findUnwanted(name)).toEqual([]);
});
