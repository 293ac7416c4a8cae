import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toPlainText } from '@it0/contracts/text';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';
import { createAttachmentStore } from './attachments/store.ts';
import { findBridgePackage } from './bridge-package.ts';
import {
  readBridgeEnv,
  readEnv,
  toAssistantEngine,
  toMailOptions,
  toOidcOptions,
  toServerLimits,
  toServerModel,
  toSpeechOptions,
} from './env.ts';
import { createLocalDriver } from './instances/drivers/local.ts';
import { createLog } from './log.ts';
import { findLoginName } from './login-name.ts';
import { createMailer } from './mail/mail.ts';
import { createProgressLine } from './progress.ts';
import { loadOrCreateSecret } from './secret.ts';
import { createServer } from './server.ts';

/** Writes a message for people to stdout. The log goes to stderr. */
const print = (text: string) => process.stdout.write(`\n${toPlainText(text)}\n\n`);

async function start() {
  const env = readEnv();
  const log = createLog(env.LOG_LEVEL);
  const mail = toMailOptions(env);
  const engineType = toAssistantEngine(env);
  const sandbox = findSandbox({ probe: join(env.IT0_DATA, 'sandbox') });
  const secret = env.IT0_SECRET ?? loadOrCreateSecret(env.IT0_DATA);
  void sandbox.then(
    ({ method, detail }) => method === 'none' && print(`Agents on this machine are not isolated. ${detail}`),
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
    attachments: createAttachmentStore(env),
    metricsToken: env.METRICS_TOKEN,
    diskFloorMb: env.IT0_DISK_FLOOR_MB,
    publicUrl: env.IT0_URL,
    loginName: await findLoginName(secret),
    trustedProxies: env.TRUST_PROXY,
    proxySecret: env.TRUST_PROXY_SECRET,
    bridgeAllow: env.BRIDGE_ALLOW,
    modelAllow: env.MODEL_ALLOW,
    bridgePackage: findBridgePackage(),
    drainMs: env.IT0_DRAIN_SECONDS * 1_000,
    tasksPerMinute: env.IT0_TASKS_PER_MINUTE,
    eventDays: env.IT0_EVENT_DAYS,
    limits: toServerLimits(env),
    oidc: toOidcOptions(env),
    sendMail: mail && createMailer({ ...mail, log }).send,
    localDriver: (options) =>
      createLocalDriver({
        ...{ ...options, sandbox, env: { ...readBridgeEnv(), MODEL_ALLOW: env.MODEL_ALLOW.join() } },
        compileCacheDir: env.IT0_CACHE ?? join(env.IT0_DATA, 'cache'),
      }),
    isolation: env.IT0_ALLOW_UNISOLATED === 'yes' ? undefined : sandbox,
    serverModel: toServerModel(env),
    speech: toSpeechOptions(env),
    assistant: engineType && {
      engineType,
      driver: (options) =>
        createLocalDriver({ ...options, sandbox, env: { ...readBridgeEnv(), BRIDGE_ENGINE: engineType } }),
    },
    log,
    onProgress: createProgressLine(process.stdout, 'Migrating tenants'),
  });
}

const starting = start();
const stop = () => void starting.then((server) => server.close()).then(() => process.exit(), fail);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
// The parent process has ended.
process.on('disconnect', stop);

function fail(error: unknown) {
  const isPortInUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = error instanceof Error ? error.message : String(error);
  print(isPortInUse ? 'The port is in use. Stop the program that uses it, or set PORT to another port.' : message);
  process.exit(1);
}

starting
  .then(async (server) => print(`IT0 is running. This link signs you in once: ${await server.createSignInLink()}`))
  .catch(fail);
