import { escapeInvisible } from '@it0/contracts/invisible';
import { type Logger, pino } from 'pino';

/**
 * Creates the server's log: JSON lines with `tenantId`, `sessionId` and `taskId` where they apply. Errors are reduced
 * to their type, code, stack and the first line of the message, since databases quote user data in the rest.
 */
export const createLog = (level: string, destination: pino.DestinationStream = openStandardError()): Logger =>
  // JSON does not escape C1 controls and direction marks, and terminals act on them.
  pino({ level, serializers: { err: serializeError } }, { write: (line) => destination.write(escapeInvisible(line)) });

/** Opens standard error. When the disk is full, lines are buffered up to a limit and then dropped. */
function openStandardError() {
  const stream = pino.destination({ dest: 2, maxLength: 1_000_000 });
  stream.on('error', () => {});
  return stream;
}

type LoggedError = { type: string; message?: string; code?: unknown; stack?: string; cause?: LoggedError };

function serializeError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    message: error.message.trim().split('\n', 1)[0],
    code: 'code' in error ? error.code : undefined,
    stack: error.stack?.match(/^ {4}at .+$/gm)?.join('\n'),
    cause: error.cause === undefined ? undefined : serializeError(error.cause),
  };
}
