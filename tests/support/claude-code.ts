import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

export const claudeCodeHint =
  'needs Claude Code, which `npm install` of the tests brings for linux and darwin, x64 and arm64';

/** The Claude Code that the tests bring; '' where there is none for the machine. */
export const claudeCode = (() => {
  const name = `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}`;
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/claude`);
    return existsSync(file) ? file : '';
  } catch {
    return '';
  }
})();
