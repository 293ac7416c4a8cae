import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import type { BridgeLogs } from '@it0/contracts/remote-bridge';
import { head } from '@it0/contracts/text';
import { redactSecrets } from '@it0/node/redact-secrets';
import { z } from 'zod';

const TAIL_BYTES = 256 * 1024;
/** Shorter values are words such as `none`, not secrets. */
const MIN_SECRET_LENGTH = 8;

/** Reads the last lines of the logs of a bridge and its gateway, with secrets redacted. */
export async function readLogs(dir: string, secrets: string[]): Promise<BridgeLogs> {
  const token = await readGatewayToken(dir);
  const redacted = [...secrets, token].filter((secret) => secret.length >= MIN_SECRET_LENGTH);
  const readLines = async (name: string) => {
    const lines = (await readLastLines(join(dir, name))).slice(-limits.logLines);
    return lines.map((line) => head(redactSecrets(line, redacted), limits.logLine));
  };
  const [bridge, gateway] = await Promise.all([readLines('bridge.log'), readLines('gateway.out')]);
  return { bridge, gateway };
}

const Gateway = z.object({ token: z.string() });

async function readGatewayToken(dir: string) {
  try {
    return Gateway.parse(JSON.parse(await readFile(join(dir, 'gateway.json'), 'utf8'))).token;
  } catch {
    return '';
  }
}

async function readLastLines(file: string): Promise<string[]> {
  const handle = await open(file).catch(() => null);
  if (!handle) return [];
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n');
    // The first line may be cut off.
    return (from > 0 ? lines.slice(1) : lines).filter(Boolean);
  } finally {
    await handle.close();
  }
}
