import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceHost } from '@it0/api/instance-host';
import { z } from 'zod';
import { toLogFile } from './bridge-process.ts';

/** Maximum number of bytes that are read from the end of a log. */
const MAX_LOG_BYTES = 128 * 1024;
const Gateway = z.object({ token: z.string() });

/** Returns the last log lines of the bridge and the gateway of the instance in `dir`, running or not. */
export async function readLogs(dir: string): ReturnType<InstanceHost['logs']> {
  const [bridge, gateway, record] = await Promise.all([
    readTail(toLogFile(dir)),
    readTail(join(dir, 'gateway.out')),
    readTail(join(dir, 'gateway.json')),
  ]);
  const token = Gateway.safeParse(parse(record.join('\n'))).data?.token;
  return { bridge, gateway, secrets: token ? [token] : [] };
}

/** Reads the last lines of a regular file. Refuses links and pipes, since an agent can create them there. */
async function readTail(file: string): Promise<string[]> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null);
  if (!handle) return [];
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.nlink > 1) return [];
    const { size } = stat;
    const from = Math.max(0, size - MAX_LOG_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n');
    // The first line can be incomplete.
    return (from > 0 ? lines.slice(1) : lines).filter(Boolean);
  } finally {
    await handle.close();
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
