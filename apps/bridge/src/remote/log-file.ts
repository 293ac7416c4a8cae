import { join } from 'node:path';
import { limitLog } from '@it0/node/limit-log';
import pino from 'pino';

/** The amount of log that is buffered while it cannot be written, in UTF-16 units. More is dropped. */
const LOG_BUFFER_UNITS = 1_000_000;

/** Opens the log in the bridge's folder. Its size is limited while the process runs. */
export function openLog(dir: string, level: string) {
  const file = join(dir, 'bridge.log');
  const out = pino.destination({ dest: file, maxLength: LOG_BUFFER_UNITS, mode: 0o600 });
  // The bridge keeps running when the log cannot be written, such as on a full disk.
  out.on('error', () => {});
  limitLog(file);
  return pino({ name: 'bridge', level }, out);
}
