import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toPlainLine } from '@it0/contracts/text';
import { findEmbedded } from '@it0/db/embedded';
import { findOrigin } from '../address-file.ts';
import { s3Store } from '../attachments/s3-store.ts';
import { findDiskShortage } from '../disk-shortage.ts';
import { readEnv, s3Of } from '../env.ts';
import { trustsThisMachine } from '../http/ingress.ts';
import { findSecret } from '../secret.ts';
import { command, say } from './command.ts';
import { examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { examineIsolation } from './doctor/isolation.ts';

/** `npm run doctor`: what is wrong, and what to do about it. Ends with 1 when something is. */
async function* findings(): AsyncGenerator<Finding> {
  const env = readEnv();
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, IT0_DATA: dataDir } = env;
  const data = join(dataDir, 'postgres');
  const url = databaseUrl ?? (existsSync(data) ? await findEmbedded(data) : null);
  const secret = env.IT0_SECRET ?? findSecret(dataDir);
  const others = { secretBefore: env.IT0_SECRET_BEFORE, secretNext: env.IT0_SECRET_NEXT };
  const s3 = s3Of(env);
  const elsewhere = { redisUrl, bucket: s3 && s3Store(s3), localOrigin: findOrigin(dataDir) };
  const isProxyForgeable = env.TRUST_PROXY_SECRET === undefined && trustsThisMachine(env.TRUST_PROXY);
  if (url) yield* examine({ databaseUrl, url, secret, ...elsewhere, ...others, isProxyForgeable });
  else yield { what: 'server', seen: `none runs on ${dataDir}`, todo: 'Start one: npm start.' };
  const shortage = await findDiskShortage(dataDir, env.IT0_DISK_FLOOR_MB);
  const room = 'Make room on the disk of the data folder, or set IT0_DISK_FLOOR_MB.';
  yield { what: 'disk', seen: shortage ?? 'has room', todo: shortage && room };
  yield await examineIsolation(env.IT0_ALLOW_UNISOLATED === 'yes');
}

await command(async () => {
  for await (const { what, seen, todo } of findings()) {
    say(`${todo ? '✗' : '✓'} ${what}: ${toPlainLine(seen)}`);
    if (todo) say(todo.replaceAll(/^/gm, '    '));
    if (todo) process.exitCode = 1;
  }
});
