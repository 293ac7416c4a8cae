import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalHost } from '@it0/api/agent/instance/local-instances';
import { z } from 'zod';

const lastBytes = 128 * 1024;
const Gateway = z.object({ token: z.string() });

/** The last lines that an instance's bridge and gateway wrote into its folder `dir`, whether it runs or not. */
export async function readLogs(dir: string): ReturnType<LocalHost['logs']> {
  const [bridge, gateway, record] = await Promise.all([
    lastLines(join(dir, 'bridge.log')),
    lastLines(join(dir, 'gateway.out')),
    readFile(join(dir, 'gateway.json'), 'utf8').catch(() => 'null'),
  ]);
  const token = Gateway.safeParse(parse(record)).data?.token;
  return { bridge, gateway, secrets: token ? [token] : [] };
}

async function lastLines(file: string): Promise<string[]> {
  const handle = await open(file).catch(() => null);
  if (!handle) return [];
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - lastBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n');
    // The first may have lost its beginning.
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
