import { join } from 'node:path';
import type { InstanceHost } from '@it0/api/instance-host';
import { parseJson } from '@it0/node/parse-json';
import { tailFile } from '@it0/node/tail-file';
import { z } from 'zod';
import { toLogFile } from './bridge-process.ts';

/** Maximum number of bytes that are read from the end of a log. */
const MAX_LOG_BYTES = 128 * 1024;
const Gateway = z.object({ token: z.string() });

/** Returns the last log lines of the bridge and the gateway of the instance in `dir`, running or not. */
export async function readLogs(dir: string): ReturnType<InstanceHost['logs']> {
  const [bridge, gateway, record] = await Promise.all([
    tailFile(toLogFile(dir), MAX_LOG_BYTES),
    tailFile(join(dir, 'gateway.out'), MAX_LOG_BYTES),
    tailFile(join(dir, 'gateway.json'), MAX_LOG_BYTES),
  ]);
  const token = Gateway.safeParse(parseJson(record.join('\n'))).data?.token;
  return { bridge, gateway, secrets: token ? [token] : [] };
}
