import { createReadStream, createWriteStream } from 'node:fs';
import { stat, truncate } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { every } from './every.ts';

/** Maximum size of a log in bytes, and the interval of checks. */
const DEFAULTS = { maxBytes: 10_000_000, everyMs: 10_000 };

/**
 * Limits the size of a log to which other processes append, until disposed. They must have opened it with O_APPEND, so
 * that they continue at its new end. Failures are ignored, since the next check retries.
 */
export function limitLog(file: string, { maxBytes, everyMs } = DEFAULTS): AsyncDisposable {
  const checks = every({ ms: everyMs, run: () => rotateLog(file, maxBytes), onError: () => {} });
  void checks.wake();
  return checks;
}

/**
 * Moves the last `maxBytes` of a larger log to `<file>.1`. Lines written meanwhile can be lost. On a full disk all
 * lines are lost, which frees space.
 */
export async function rotateLog(file: string, maxBytes: number) {
  const { size } = await stat(file);
  if (size <= maxBytes) return;
  const last = createReadStream(file, { start: size - maxBytes });
  const old = createWriteStream(`${file}.1`, { mode: 0o600 });
  await pipeline(last, old).catch(() => {});
  await truncate(file);
}
