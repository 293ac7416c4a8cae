import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isExecutable } from '@it0/node/is-executable';

const run = promisify(execFile);

/** Older ones do not take what the SDK tells them. */
const oldest = '2.1.330';
const howToAdd = '`npm run claude:add` adds one, and CLAUDE_PATH names one that is elsewhere.';

/** Where `npm run claude:add` puts it. */
const added = fileURLToPath(
  new URL(
    `../../../../../node_modules/.claude-code/node_modules/@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}/claude`,
    import.meta.url,
  ),
);

export type Binary = ReturnType<typeof createBinary>;

/** The Claude Code that is installed here. It is looked for whenever it is asked for, so it may come later. */
export function createBinary({ claudePath, path }: { claudePath?: string; path: string }) {
  const inPath = path.split(delimiter).map((dir) => join(dir, 'claude'));
  const candidates = claudePath ? [claudePath] : [added, ...inPath];
  const versions = new Map<string, string | null>();

  async function learnVersion(file: string) {
    versions.set(file, null);
    const told = await run(file, ['--version']).catch(() => ({ stdout: '' }));
    versions.set(file, /\d+\.\d+\.\d+/.exec(told.stdout)?.[0] ?? '');
  }

  return {
    /** `detail` is what a person can do about it, where it is not of use. */
    find(): { file: string; version: string | null; detail: null } | { file: null; version: null; detail: string } {
      const file = candidates.find(isExecutable);
      if (!file) return { file: null, version: null, detail: `There is no Claude Code here. ${howToAdd}` };
      if (!versions.has(file)) void learnVersion(file);
      const version = versions.get(file) || null;
      if (!version || isAtLeast(version, oldest)) return { file, version, detail: null };
      const detail = `Claude Code ${version} is too old, ${oldest} is needed. ${howToAdd}`;
      return { file: null, version: null, detail };
    },
  };
}

const isAtLeast = (version: string, other: string) => version.localeCompare(other, 'en', { numeric: true }) >= 0;
