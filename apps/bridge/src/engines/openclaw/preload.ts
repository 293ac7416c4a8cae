import { existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Writes the module that the gateway loads first, and returns the arguments that load it; none for another program than
 * OpenClaw. It makes a start and a first message faster:
 *
 * - It resolves the imports between the 7,000 files of OpenClaw's `dist` folder without Node's search for their package.
 *   There are 30,000 such imports in a start. OpenClaw has the same for `.js`, but its files end in `.mjs`.
 * - It replaces the module that compares the workspace with its Git repository when a session begins. For that, OpenClaw
 *   starts a thread, which takes seconds, and which it ends after 30 seconds without another. IT0 does not use the result.
 */
export function writePreload(path: string, main: string): string[] {
  const dist = join(dirname(realpathSync(main)), 'dist');
  if (!existsSync(join(dist, 'entry.js'))) return [];
  writeFileSync(path, toSource(`${pathToFileURL(dist).href}/`, readdirSync(dist)), { mode: 0o600 });
  return [`--import=${pathToFileURL(path).href}`];
}

/** The module that requests the comparison, and the one that makes it, in OpenClaw 2026.9. */
export const GIT_COMPARISON = {
  importer: /\/session-diff-baseline-[^/]*$/,
  imported: /^\.\/session-diff-(?!baseline)[^/]*$/,
};
const NO_COMPARISON = 'data:text/javascript,export const captureSessionDiffBaseline = async () => {};';

/** Resolves only to files that exist, so that Node reports a missing one. */
const toSource = (root: string, names: string[]) => `import { registerHooks } from 'node:module';
const root = ${JSON.stringify(root)};
const urls = new Set(${JSON.stringify(names.filter((name) => name.endsWith('.mjs')))}.map((name) => root + name));
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('./') && context.parentURL?.startsWith(root) && !context.conditions.includes('require')) {
      if (${GIT_COMPARISON.imported}.test(specifier) && ${GIT_COMPARISON.importer}.test(context.parentURL))
        return { url: ${JSON.stringify(NO_COMPARISON)}, format: 'module', shortCircuit: true };
      const url = context.parentURL.slice(0, context.parentURL.lastIndexOf('/') + 1) + specifier.slice(2);
      if (urls.has(url)) return { url, format: 'module', shortCircuit: true };
    }
    return nextResolve(specifier, context);
  },
});
`;
