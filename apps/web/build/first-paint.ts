import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const SOURCE = '/src/appearance/first-paint.js';

/**
 * Puts a classic script into the head of the page, which blocks its first paint. Its name has a hash like those of the
 * other assets, so that browsers cache it for good.
 */
export function firstPaint(): Plugin {
  let asset: string | undefined;
  return {
    name: 'first-paint',
    buildStart() {
      if (this.meta.watchMode) return;
      const source = readFileSync(fileURLToPath(new URL(`..${SOURCE}`, import.meta.url)), 'utf8');
      asset = this.emitFile({ type: 'asset', name: 'first-paint.js', source });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const built = Object.values(bundle ?? {}).find(
          (file) => file.type === 'asset' && file.names.includes('first-paint.js'),
        );
        const src = asset && built ? `/${built.fileName}` : SOURCE;
        return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }];
      },
    },
  };
}
