import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compress } from './build/compress.ts';
import { firstPaint } from './build/first-paint.ts';

const server = process.env.IT0_SERVER ?? 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [react(), tailwindcss(), firstPaint(), compress()],
  // Nothing inline: the page runs under a content security policy that forbids it.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 800 },
  server: {
    proxy: {
      '/api': server,
      '/trpc': server,
      '/ws': { target: server, ws: true },
    },
  },
});
