import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { budgets } from './build/budgets.ts';
import { createChunkGroups } from './build/chunks.ts';
import { compiledMessages } from './build/compiled-messages.ts';
import { compress } from './build/compress.ts';
import { firstPaint } from './build/first-paint.ts';
import { inlineIcon } from './build/inline-icon.ts';
import { preloadApp } from './build/preload-app.ts';
import { serviceWorker } from './build/service-worker.ts';

const server = process.env.IT0_SERVER ?? 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    compiledMessages(),
    firstPaint(),
    inlineIcon(),
    preloadApp(),
    serviceWorker(),
    compress(),
    budgets(),
  ],
  // Nothing inline: the page runs under a content security policy that forbids it.
  build: {
    ...{ assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 800 },
    rolldownOptions: {
      input: ['index.html', 'sign-in.html'].map((name) => fileURLToPath(new URL(name, import.meta.url))),
      // Its file with all exports has none, although its build looks as if it had.
      treeshake: { moduleSideEffects: [{ test: /@trpc\/client/, sideEffects: false }] },
      output: { codeSplitting: { groups: createChunkGroups() } },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/trpc': server,
      '/ws': { target: server, ws: true },
    },
  },
});
