import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(js|css|html|svg|json|webmanifest|txt)$/;
/** Smaller files fit into one packet anyway. */
const MIN_BYTES = 256;
/** Highest Brotli quality up to a size. Each step costs two to four times the time of the one before, and saves 2–5 %. */
const QUALITIES = [
  { maxBytes: 300_000, quality: constants.BROTLI_MAX_QUALITY },
  { maxBytes: 1_000_000, quality: 10 },
  { maxBytes: Number.POSITIVE_INFINITY, quality: 9 },
];

/** Writes a Brotli and a gzip version beside every text file of the build, which the server sends as they are. */
export function compress(): Plugin {
  let outDir = '';
  return {
    name: 'compress',
    apply: 'build',
    configResolved: ({ root, build }) => {
      outDir = join(root, build.outDir);
    },
    // After other plugins, which may write files when the bundle is complete.
    closeBundle: { order: 'post', sequential: true, handler: () => compressFolder(outDir) },
  };
}

async function compressFolder(dir: string) {
  const names = await readdir(dir, { recursive: true });
  await Promise.all(names.filter((name) => TEXT.test(name)).map((name) => compressFile(join(dir, name))));
}

async function compressFile(path: string) {
  if ((await stat(path)).size < MIN_BYTES) return;
  const content = await readFile(path);
  await Promise.all([
    toBrotli(content).then((result) => writeFile(`${path}.br`, result)),
    promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }).then((result) => writeFile(`${path}.gz`, result)),
  ]);
}

function toBrotli(content: Buffer): Promise<Buffer> {
  const quality = QUALITIES.find(({ maxBytes }) => content.length <= maxBytes)!.quality;
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  return promisify(brotliCompress)(content, {
    params: { [BROTLI_PARAM_QUALITY]: quality, [BROTLI_PARAM_SIZE_HINT]: content.length },
  });
}
