import { createReadStream, createWriteStream } from 'node:fs';
import { stat, truncate } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** The maximum size of a log in bytes, and the time between two checks. */
const defaults = { maxBytes: 10_000_000, everyMs: 10_000 };

/**
 * Keeps a log small while other processes append to it, until disposed. They must have opened it with O_APPEND: then
 * they go on at the new end. Failures are ignored, since the next check tries again.
 */
export function limitLog(file: string, { maxBytes, everyMs } = defaults): Disposable {
  let isRotating = false;
  const check = async () => {
    if (isRotating) return;
    isRotating = true;
    await rotateLog(file, maxBytes).catch(() => {});
    isRotating = false;
  };
  void check();
  const timer = setInterval(check, everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/**
 * Moves the last `maxBytes` of a log that is larger to `<file>.1`. Lines that are written meanwhile may be lost. On a
 * full disk all of them are, which makes room.
 */
export async function rotateLog(file: string, maxBytes: number) {
  const { size } = await stat(file);
  if (size <= maxBytes) return;
  const last = createReadStream(file, { start: size - maxBytes });
  const old = createWriteStream(`${file}.1`, { mode: 0o600 });
  await pipeline(last, old).catch(() => {});
  await truncate(file);
}
