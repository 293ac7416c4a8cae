import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin, Rolldown } from 'vite';
import { listChunks } from './list-chunks.ts';

const KB = 1_000;

type Budget = {
  what: string;
  /** File with links to styles and scripts. */
  html: string;
  /** Modules that the page imports at run time before it shows something. */
  modules: string[];
  /** Files that count. */
  counts?: RegExp;
  maxBytes: number;
};

/** What each page may load before it can be used, in one language, in bytes on the wire without headers. */
const BUDGETS: Budget[] = [
  { what: 'sign-in page', html: 'sign-in.html', modules: ['/src/i18n/guest-zh.ts'], maxBytes: 86.5 * KB },
  { what: 'list of agents', html: 'index.html', modules: ['/src/app.tsx', '/src/i18n/zh.ts'], maxBytes: 153 * KB },
  {
    what: 'scripts of a chat',
    html: 'index.html',
    modules: ['/src/app.tsx', '/src/i18n/zh.ts', '/src/chat/chat-routes.tsx'],
    counts: /\.js$/,
    maxBytes: 198 * KB,
  },
];

/** Fails the build when a page loads more than its budget. Runs after `compress`. */
export function budgets(): Plugin {
  let outDir = '';
  const pages: (Budget & { files: string[] })[] = [];
  return {
    name: 'budgets',
    apply: 'build',
    enforce: 'post',
    configResolved: ({ root, build }) => {
      outDir = join(root, build.outDir);
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const budget of BUDGETS) pages.push({ ...budget, files: listFiles(bundle, budget) });
      },
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        for (const { what, files, maxBytes } of pages) {
          const sizes = await Promise.all(files.map((name) => measure(join(outDir, name))));
          const bytes = sizes.reduce((sum, size) => sum + size, 0);
          this.info(`${what}: ${format(bytes)} of ${format(maxBytes)}`);
          if (bytes <= maxBytes) continue;
          const list = files.map((name, index) => `${format(sizes[index]!)} ${name}`).join('\n  ');
          this.error(`Too large: ${what}, ${format(bytes)} of at most ${format(maxBytes)}:\n  ${list}`);
        }
      },
    },
  };
}

function listFiles(bundle: Rolldown.OutputBundle, { html, modules, counts = /./ }: Budget): string[] {
  const page = bundle[html];
  if (page?.type !== 'asset') throw new Error(`The build has no ${html}.`);
  const linked = [...String(page.source).matchAll(/"\/(assets\/[^"]+)"/g)];
  const files = new Set([html, ...linked.map(([, name]) => name!), ...listChunks(bundle, modules)]);
  return [...files].filter((name) => counts.test(name));
}

/** Returns the size of a file as the server sends it. */
const measure = async (path: string) => (await stat(`${path}.br`).catch(() => stat(path))).size;

const format = (bytes: number) => `${(bytes / KB).toFixed(1)} kB`;
