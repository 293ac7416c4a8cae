import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';
import { listChunks } from './list-chunks.ts';

const SOURCE = fileURLToPath(new URL('../src/offline/service-worker.js', import.meta.url));
/** Larger chunks draw diagrams, formulas and the like. They are stored when they are used. */
const MAX_CHUNK_BYTES = 100_000;
/** The app itself is stored also where it is larger. */
const MODULES = ['/src/app.tsx', '/src/chat/chat-routes.tsx'];

/** Writes the service worker, with the files that it stores. */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const html = bundle['index.html'];
        if (html?.type !== 'asset') throw new Error('The build has no index.html.');
        const files = ['index.html', 'icon.svg', ...listFiles(bundle)].map((name) => `/${name}`);
        const version = createHash('sha256')
          .update(String(html.source))
          .update(files.join())
          .digest('hex')
          .slice(0, 12);
        const source = `const BUILD = ${JSON.stringify({ version, files })};\n${readFileSync(SOURCE, 'utf8')}`;
        this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
      },
    },
  };
}

/** Lists the scripts and styles of the app, and the script before the first paint. */
function listFiles(bundle: Rolldown.OutputBundle): string[] {
  const needed = listChunks(bundle, MODULES);
  return Object.values(bundle)
    .filter((file) =>
      file.type === 'chunk'
        ? needed.has(file.fileName) || Buffer.byteLength(file.code) <= MAX_CHUNK_BYTES
        : /^assets\/.*\.(js|css)$/.test(file.fileName),
    )
    .map(({ fileName }) => fileName);
}
