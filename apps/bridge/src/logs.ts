import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import type { BridgeLogs } from '@it0/contracts/remote-bridge';
import { head } from '@it0/contracts/text';
import { redactSecrets } from '@it0/node/redact-secrets';
import { tailFile } from '@it0/node/tail-file';
import { z } from 'zod';

const TAIL_BYTES = 256 * 1024;
/** Shorter values are words such as `none`, not secrets. */
const MIN_SECRET_LENGTH = 8;

/** Reads the last lines of the logs of a bridge and its gateway, with secrets redacted. */
export async function readLogs(dir: string, secrets: string[]): Promise<BridgeLogs> {
  const token = await readGatewayToken(dir);
  const redacted = [...secrets, token].filter((secret) => secret.length >= MIN_SECRET_LENGTH);
  const readLines = async (name: string) => {
    const lines = (await tailFile(join(dir, name), TAIL_BYTES)).slice(-limits.logLines);
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
