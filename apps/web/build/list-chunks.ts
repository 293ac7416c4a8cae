import type { Rolldown } from 'vite';

/** Lists the files of the chunks that begin with the given modules, and of all chunks that they import. */
export function listChunks(bundle: Rolldown.OutputBundle, modules: string[]): Set<string> {
  const names = new Set<string>();
  const add = (chunk: Rolldown.OutputAsset | Rolldown.OutputChunk | undefined) => {
    if (chunk?.type !== 'chunk' || names.has(chunk.fileName)) return;
    names.add(chunk.fileName);
    for (const name of chunk.imports) add(bundle[name]);
  };
  for (const module of modules) {
    const first = Object.values(bundle).find((file) => file.type === 'chunk' && file.facadeModuleId?.endsWith(module));
    if (!first) throw new Error(`No chunk begins with ${module}.`);
    add(first);
  }
  return names;
}
