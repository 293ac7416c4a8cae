import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isExecutable } from '@it0/node/is-executable';

const run = promisify(execFile);

/** The oldest version that supports the SDK. */
const MIN_VERSION = '2.1.330';
const INSTALL_HINT = 'Run `npm run claude:add`, or set CLAUDE_PATH to the path of an existing program.';

/** The path that `npm run claude:add` installs to. */
const INSTALLED_PATH = fileURLToPath(
  new URL(
    `../../../../../node_modules/.claude-code/node_modules/@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}/claude`,
    import.meta.url,
  ),
);

export type Binary = ReturnType<typeof createBinary>;

/** Finds the installed Claude Code. Every call searches again, so that it can be installed while the bridge runs. */
export function createBinary({ claudePath, path }: { claudePath?: string; path: string }) {
  const onPath = path.split(delimiter).map((dir) => join(dir, 'claude'));
  const candidates = claudePath ? [claudePath] : [INSTALLED_PATH, ...onPath];
  const versions = new Map<string, string | null>();

  async function readVersion(file: string) {
    versions.set(file, null);
    const output = await run(file, ['--version']).catch(() => ({ stdout: '' }));
    versions.set(file, /\d+\.\d+\.\d+/.exec(output.stdout)?.[0] ?? '');
  }

  return {
    /** Finds a usable program. `detail` says what to do if there is none. */
    find(): { file: string; version: string | null; detail: null } | { file: null; version: null; detail: string } {
      const file = candidates.find(isExecutable);
      if (!file) return { file: null, version: null, detail: `Claude Code is not installed. ${INSTALL_HINT}` };
      if (!versions.has(file)) void readVersion(file);
      const version = versions.get(file) || null;
      if (!version || isAtLeast(version, MIN_VERSION)) return { file, version, detail: null };
      const detail = `Claude Code ${version} is too old: version ${MIN_VERSION} or later is required. ${INSTALL_HINT}`;
      return { file: null, version: null, detail };
    },
  };
}

const isAtLeast = (version: string, other: string) => version.localeCompare(other, 'en', { numeric: true }) >= 0;
