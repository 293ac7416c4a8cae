import { existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Writes the module that the gateway loads first, and returns the arguments that load it; none for another program than
 * OpenClaw.
 *
 * The module resolves the imports between the 7,000 files of OpenClaw's `dist` folder without Node's search for their
 * package. There are 30,000 such imports in a start. OpenClaw has the same for `.js`, but its files end in `.mjs`.
 */
export function writePreload(path: string, main: string): string[] {
  const dist = join(dirname(realpathSync(main)), 'dist');
  if (!existsSync(join(dist, 'entry.js'))) return [];
  writeFileSync(path, toSource(`${pathToFileURL(dist).href}/`, readdirSync(dist)), { mode: 0o600 });
  return [`--import=${pathToFileURL(path).href}`];
}

/** Resolves only to files that exist, so that Node reports a missing one. */
const toSource = (root: string, names: string[]) => `import { registerHooks } from 'node:module';
const root = ${JSON.stringify(root)};
const urls = new Set(${JSON.stringify(names.filter((name) => name.endsWith('.mjs')))}.map((name) => root + name));
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('./') && context.parentURL?.startsWith(root) && !context.conditions.includes('require')) {
      const url = context.parentURL.slice(0, context.parentURL.lastIndexOf('/') + 1) + specifier.slice(2);
      if (urls.has(url)) return { url, format: 'module', shortCircuit: true };
    }
    return nextResolve(specifier, context);
  },
});
`;
