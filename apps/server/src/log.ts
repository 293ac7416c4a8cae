import { escapeInvisible } from '@it0/contracts/invisible';
import { type Logger, pino } from 'pino';

/**
 * The server's log: JSON lines with `tenantId`, `sessionId` and `taskId` where they are known. Of an error only what can
 * hold nobody's data: databases and their clients quote values in details and in the further lines of a message.
 */
export const createLog = (level: string, to: pino.DestinationStream = standardError()): Logger =>
  // JSON leaves C1 controls and direction marks as they are, and terminals act on them.
  pino({ level, serializers: { err: safe } }, { write: (line) => to.write(escapeInvisible(line)) });

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
