import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const HREF = '/icon.svg';

/** Puts the icon into the sign-in page, since the headers of a response would be larger than the icon. */
export function inlineIcon(): Plugin {
  return {
    name: 'inline-icon',
    transformIndexHtml(html, { filename }) {
      if (!filename.endsWith('sign-in.html')) return html;
      if (!html.includes(`"${HREF}"`)) throw new Error(`${filename} has no link to ${HREF}.`);
      const svg = readFileSync(fileURLToPath(new URL(`../public${HREF}`, import.meta.url)), 'utf8').trim();
      return html.replace(`"${HREF}"`, `"data:image/svg+xml,${encodeURIComponent(svg)}"`);
    },
  };
}
