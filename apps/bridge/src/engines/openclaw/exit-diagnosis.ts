import { open } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { limits } from '@it0/contracts/limits';
import { redactSecrets } from '@it0/contracts/secrets';
import { tail } from '@it0/contracts/text';

const lastBytes = 32 * 1024;
const mostLines = 12;
/** A word so short is no secret, and may be anywhere: a model without a key has `none`. */
const shortestSecret = 8;

/** What a person can do about it, by what a gateway says. */
const advice: [RegExp, string][] = [
  [
    /lifecycle is incomplete|openclaw-lifecycle/i,
    'OpenClaw is not installed whole. Stop IT0, delete its folder node_modules, and start it again.',
  ],
  [
    /EADDRINUSE|already (in use|listening)/i,
    'Another program has its port. It is started again on another one; if that goes on, stop the other program.',
  ],
  [/ENOSPC|no space left/i, 'The disk is full. Make room on it.'],
  [/out of memory|ENOMEM|cannot allocate/i, 'This machine has too little memory for it. Stop another agent.'],
  [/EACCES|EPERM|EROFS|permission denied/i, 'It may not use its folder. Give that to the user who runs IT0.'],
  [
    /database is (unreadable|malformed)|SQLITE_(CORRUPT|NOTADB)/i,
    'What it remembers cannot be read. Restore the agent’s folder from a backup, or make a new agent.',
  ],
  [
    /invalid config|config is/i,
    'It does not take its configuration. Choose the agent’s model again: all else in it is IT0’s own.',
  ],
];
const otherwise = 'It is started again by itself; what it said may tell what is wrong.';

/**
 * What a person is told of a gateway that `what` happened to: what can be done, and what it said last, as far as
 * `output` has it.
 */
export async function diagnoseExit(what: string, output: string, secrets: string[]): Promise<string> {
  const said = await lastWords(output);
  if (!said) return `${what} It is started again by itself.`;
  const known = secrets.filter(({ length }) => length >= shortestSecret);
  const todo = advice.find(([words]) => words.test(said))?.[1] ?? otherwise;
  const before = `${what} ${todo} The last it said:\n`;
  return before + tail(redactSecrets(said, known), limits.detail - before.length);
}

/** The last lines, without what a terminal makes of them. What it logs on its way is left out, and where in its code it was. */
async function lastWords(file: string) {
  const lines = stripVTControlCharacters(await end(file))
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+ /, '').trimEnd())
    .filter((line) => /\w/.test(line) && !/^\s+at /.test(line));
  const isProgress = (line: string) => /^\[[\w/-]+\] /.test(line);
  return lines
    .filter((line) => !isProgress(line))
    .slice(-mostLines)
    .join('\n');
}

async function end(file: string) {
  const handle = await open(file).catch(() => null);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - lastBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line may have lost its beginning, and be half a secret.
    return from > 0 ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await handle.close();
  }
}
