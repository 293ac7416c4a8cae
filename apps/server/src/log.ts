import { type Logger, pino } from 'pino';

/**
 * The server's log: JSON lines with `tenantId`, `sessionId` and `taskId` where they are known. Of an error only what can
 * hold nobody's data: databases and their clients quote values in details and in the further lines of a message.
 */
export const createLog = (level: string, to: pino.DestinationStream = standardError()): Logger =>
  pino({ level, serializers: { err: safe } }, { write: (line) => to.write(escapeUnseen(line)) });

/** Characters that JSON leaves unescaped although terminals act on them: C1 controls and direction marks. */
const unseen = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Escapes these characters like JSON, so that the line still parses to the same values. */
const escapeUnseen = (line: string) =>
  line.replace(unseen, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** What cannot be written, on a full disk, is no reason to end: some of it waits, and what comes on top is dropped. */
function standardError() {
  const out = pino.destination({ dest: 2, maxLength: 1_000_000 });
  out.on('error', () => {});
  return out;
}

type Safe = { type: string; message?: string; code?: unknown; stack?: string; cause?: Safe };

function safe(error: unknown): Safe {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    message: error.message.trim().split('\n', 1)[0],
    code: 'code' in error ? error.code : undefined,
    stack: error.stack?.match(/^ {4}at .+$/gm)?.join('\n'),
    cause: error.cause === undefined ? undefined : safe(error.cause),
  };
}
