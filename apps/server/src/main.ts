import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toPlainText } from '@it0/contracts/text';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';
import { attachmentStore } from './attachments/store.ts';
import { builtBridge } from './bridge-package.ts';
import { assistantOf, bridgeEnv, limitsOf, mailOf, oidcOf, readEnv, serverModelOf } from './env.ts';
import { createLocalDriver } from './instances/drivers/local.ts';
import { createLog } from './log.ts';
import { findLoginName } from './login-name.ts';
import { createMailer } from './mail/mail.ts';
import { progressLine } from './progress.ts';
import { loadOrCreateSecret } from './secret.ts';
import { createServer } from './server.ts';

/** Out for what a person asked for, err for the log. */
const say = (text: string) => process.stdout.write(`\n${toPlainText(text)}\n\n`);

async function start() {
  const env = readEnv();
  const log = createLog(env.LOG_LEVEL);
  const mail = mailOf(env);
  const engineType = assistantOf(env);
  const sandbox = findSandbox({ probe: join(env.IT0_DATA, 'sandbox') });
  const secret = env.IT0_SECRET ?? loadOrCreateSecret(env.IT0_DATA);
  void sandbox.then(
    ({ method, detail }) => method === 'none' && say(`Agents on this machine are not isolated. ${detail}`),
  );
  return createServer({
    host: env.HOST,
    port: env.PORT,
    dataDir: env.IT0_DATA,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    secret,
    secretBefore: env.IT0_SECRET_BEFORE,
    secretNext: env.IT0_SECRET_NEXT,
    webDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    attachments: attachmentStore(env),
    metricsToken: env.METRICS_TOKEN,
    diskFloorMb: env.IT0_DISK_FLOOR_MB,
    publicUrl: env.IT0_URL,
    loginName: await findLoginName(secret),
    trustedProxies: env.TRUST_PROXY,
    proxySecret: env.TRUST_PROXY_SECRET,
    bridgeAllow: env.BRIDGE_ALLOW,
    modelAllow: env.MODEL_ALLOW,
    bridgePackage: builtBridge(),
    tasksPerMinute: env.IT0_TASKS_PER_MINUTE,
    limits: limitsOf(env),
    oidc: oidcOf(env),
    sendMail: mail && createMailer({ ...mail, log }).send,
    localDriver: (options) =>
      createLocalDriver({ ...options, sandbox, env: { ...bridgeEnv(), MODEL_ALLOW: env.MODEL_ALLOW.join() } }),
    isolation: env.IT0_ALLOW_UNISOLATED === 'yes' ? undefined : sandbox,
    serverModel: serverModelOf(env),
    assistant: engineType && {
      engineType,
      driver: (options) =>
        createLocalDriver({ ...options, sandbox, env: { ...bridgeEnv(), BRIDGE_ENGINE: engineType } }),
    },
    log,
    onProgress: progressLine(process.stdout, 'Tenants brought up to date'),
  });
}

const starting = start();
const stop = () => void starting.then((server) => server.close()).then(() => process.exit(), fail);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
// Whoever started us is gone.
process.on('disconnect', stop);

function fail(error: unknown) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = error instanceof Error ? error.message : String(error);
  say(inUse ? 'The port is in use. Stop what listens there, or set PORT to another one.' : message);
  process.exit(1);
}

starting
  .then(async (server) => say(`IT0 is running. This link signs you in, once: ${await server.signInLink()}`))
  .catch(fail);
