import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import type { BridgeLogs } from '@it0/contracts/remote-bridge';
import { redactSecrets } from '@it0/contracts/secrets';
import { head } from '@it0/contracts/text';
import { z } from 'zod';

const lastBytes = 256 * 1024;
/** What is shorter is a word such as `none`, and no secret. */
const shortestSecret = 8;

/** The last lines that a bridge and its gateway wrote into their folder, without what is secret there. */
export async function readLogs(dir: string, secrets: string[]): Promise<BridgeLogs> {
  const token = await gatewayToken(dir);
  const known = [...secrets, token].filter((secret) => secret.length >= shortestSecret);
  const lines = async (name: string) => {
    const last = (await lastLines(join(dir, name))).slice(-limits.logLines);
    return last.map((line) => head(redactSecrets(line, known), limits.logLine));
  };
  const [bridge, gateway] = await Promise.all([lines('bridge.log'), lines('gateway.out')]);
  return { bridge, gateway };
}

const Gateway = z.object({ token: z.string() });

async function gatewayToken(dir: string) {
  try {
    return Gateway.parse(JSON.parse(await readFile(join(dir, 'gateway.json'), 'utf8'))).token;
  } catch {
    return '';
  }
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
