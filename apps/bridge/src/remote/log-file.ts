import { join } from 'node:path';
import { limitLog } from '@it0/node/limit-log';
import pino from 'pino';

/** How much of the log waits in memory while it cannot be written; what comes on top is dropped. */
const logUnits = 1_000_000;

/** The log of a bridge in its folder, with a limited size while the process runs. */
export function openLog(dir: string, level: string) {
  const file = join(dir, 'bridge.log');
  const out = pino.destination({ dest: file, maxLength: logUnits, mode: 0o600 });
  // What cannot be written, on a full disk, is no reason to end.
  out.on('error', () => {});
  limitLog(file);
  return pino({ name: 'bridge', level }, out);
}
