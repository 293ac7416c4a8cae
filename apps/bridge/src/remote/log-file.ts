import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';

const largest = 10_000_000;
const lookEveryMs = 60_000;
/** How much of the log waits in memory while it cannot be written; what comes on top is dropped. */
const logUnits = 1_000_000;

/** The log of a bridge in its folder. A large one is put aside, in the place of the one before it. */
export function openLog(dir: string, level: string) {
  const file = join(dir, 'bridge.log');
  const isLarge = () => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > largest;
  if (isLarge()) renameSync(file, `${file}.1`);
  const out = pino.destination({ dest: file, maxLength: logUnits, mode: 0o600 });
  // What cannot be written, on a full disk, is no reason to end.
  out.on('error', () => {});
  const looking = setInterval(() => {
    if (!isLarge()) return;
    renameSync(file, `${file}.1`);
    out.reopen();
  }, lookEveryMs);
  looking.unref();
  return pino({ name: 'bridge', level }, out);
}
