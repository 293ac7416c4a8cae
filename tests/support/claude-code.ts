import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

export const claudeCodeHint = 'needs Claude Code, which `npm install` installs for linux and darwin, x64 and arm64';

/** Path of the installed Claude Code; '' when there is none for this machine. */
export const claudeCode = (() => {
  const name = `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}`;
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/claude`);
    return existsSync(file) ? file : '';
  } catch {
    return '';
  }
})();
