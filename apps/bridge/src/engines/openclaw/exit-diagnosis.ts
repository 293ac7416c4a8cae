import { stripVTControlCharacters } from 'node:util';
import { limits } from '@it0/contracts/limits';
import { tail } from '@it0/contracts/text';
import { redactSecrets } from '@it0/node/redact-secrets';
import { tailFile } from '@it0/node/tail-file';

const TAIL_BYTES = 32 * 1024;
const MAX_LINES = 12;
/** Shorter values are not redacted. The scripted model has the key `none`, for example. */
const MIN_SECRET_LENGTH = 8;

/** Advice by the output of the gateway. */
const ADVICE: [RegExp, string][] = [
  [
    /lifecycle is incomplete|openclaw-lifecycle/i,
    'The OpenClaw installation is incomplete. Stop IT0, delete its folder node_modules, and start it again.',
  ],
  [
    /EADDRINUSE|already (in use|listening)/i,
    'Another program uses its port. IT0 restarts it on another port. If this continues, stop the other program.',
  ],
  [/ENOSPC|no space left/i, 'The disk is full. Free some space.'],
  [/out of memory|ENOMEM|cannot allocate/i, 'The machine is out of memory. Stop another agent.'],
  [
    /EACCES|EPERM|EROFS|permission denied/i,
    'It has no permission to use its folder. Make the user that runs IT0 the owner of the folder.',
  ],
  [
    /database is (unreadable|malformed)|SQLITE_(CORRUPT|NOTADB)/i,
    'Its database cannot be read. Restore the agent’s folder from a backup, or create a new agent.',
  ],
  [
    /invalid config|config is/i,
    'It rejected its configuration. Choose the agent’s model again, since IT0 writes everything else in it.',
  ],
];
const DEFAULT_ADVICE = 'IT0 restarts it automatically. Its output may show the cause.';

/**
 * Explains the exit of a gateway to a user. Adds advice and the last lines of its output file, without secrets, to the
 * sentence `summary`.
 */
export async function diagnoseExit(summary: string, outputPath: string, secrets: string[]): Promise<string> {
  const lastLines = await readLastLines(outputPath);
  if (!lastLines) return `${summary} IT0 restarts it automatically.`;
  const redacted = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  const advice = ADVICE.find(([pattern]) => pattern.test(lastLines))?.[1] ?? DEFAULT_ADVICE;
  const intro = `${summary} ${advice} Its last output:\n`;
  return intro + tail(redactSecrets(lastLines, redacted), limits.detail - intro.length);
}

/** Reads the last lines of a file, without control characters, timestamps, progress messages and stack traces. */
async function readLastLines(file: string) {
  const lines = (await tailFile(file, TAIL_BYTES))
    .map((line) =>
      stripVTControlCharacters(line)
        .replace(/^\d{4}-\d\d-\d\dT\S+ /, '')
        .trimEnd(),
    )
    .filter((line) => /\w/.test(line) && !/^\s+at /.test(line));
  const isProgress = (line: string) => /^\[[\w/-]+\] /.test(line);
  return lines
    .filter((line) => !isProgress(line))
    .slice(-MAX_LINES)
    .join('\n');
}
