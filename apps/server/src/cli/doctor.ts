import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toPlainLine } from '@it0/contracts/text';
import { findEmbedded } from '@it0/db/embedded';
import { findOrigin } from '../address-file.ts';
import { createS3Store } from '../attachments/s3-store.ts';
import { findDiskShortage } from '../disk-shortage.ts';
import { readEnv, toS3Options } from '../env.ts';
import { isThisMachineTrusted } from '../http/ingress.ts';
import { findSecret } from '../secret.ts';
import { print, runCommand } from './command.ts';
import { examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { examineIsolation } from './doctor/isolation.ts';

/** Runs all checks of `npm run doctor`. The exit code is 1 when one finds a problem. */
async function* runChecks(): AsyncGenerator<Finding> {
  const env = readEnv();
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, IT0_DATA: dataDir } = env;
  const data = join(dataDir, 'postgres');
  const url = databaseUrl ?? (existsSync(data) ? await findEmbedded(data) : null);
  const secret = env.IT0_SECRET ?? findSecret(dataDir);
  const rotation = { secretBefore: env.IT0_SECRET_BEFORE, secretNext: env.IT0_SECRET_NEXT };
  const s3 = toS3Options(env);
  const services = { redisUrl, bucket: s3 && createS3Store(s3), localOrigin: findOrigin(dataDir) };
  const isProxyForgeable = env.TRUST_PROXY_SECRET === undefined && isThisMachineTrusted(env.TRUST_PROXY);
  if (url) yield* examine({ databaseUrl, url, secret, ...services, ...rotation, isProxyForgeable });
  else yield { subject: 'server', state: `none is running in ${dataDir}`, advice: 'Start one: npm start.' };
  const shortage = await findDiskShortage(dataDir, env.IT0_DISK_FLOOR_MB);
  const advice = 'Free up space on the disk of the data folder, or set IT0_DISK_FLOOR_MB.';
  yield { subject: 'disk', state: shortage ?? 'enough free space', advice: shortage && advice };
  yield await examineIsolation(env.IT0_ALLOW_UNISOLATED === 'yes');
}

await runCommand(async () => {
  for await (const { subject, state, advice } of runChecks()) {
    print(`${advice ? '✗' : '✓'} ${subject}: ${toPlainLine(state)}`);
    if (advice) print(advice.replaceAll(/^/gm, '    '));
    if (advice) process.exitCode = 1;
  }
});
