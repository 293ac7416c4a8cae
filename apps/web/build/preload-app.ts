import type { Plugin } from 'vite';
import { listChunks } from './list-chunks.ts';

/**
 * Makes browsers load the scripts of the app beside the first one, which imports them at run time, together with the
 * messages in the right language.
 */
export function preloadApp(): Plugin {
  return {
    name: 'preload-app',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle, filename }) {
        if (!bundle || !filename.endsWith('index.html')) return [];
        return [...listChunks(bundle, ['/src/app.tsx'])]
          .filter((name) => !html.includes(name))
          .map((name) => ({
            ...{ tag: 'link', injectTo: 'head' as const },
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` },
          }));
      },
    },
  };
}
