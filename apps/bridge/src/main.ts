import type { BridgeListening } from '@it0/contracts/bridge-listening';
import pino from 'pino';
import { createBridge } from './bridge.ts';
import { loadEngine } from './engines/load-engine.ts';
import { listSecrets, readAgentEnvironment, readEnv } from './env.ts';

const CLOSE_TIMEOUT_MS = 15_000;
/** The amount of log that is buffered while it cannot be written, in UTF-16 units. More is dropped. */
const LOG_BUFFER_UNITS = 1_000_000;

try {
  const env = readEnv();
  const out = pino.destination({ dest: 1, maxLength: LOG_BUFFER_UNITS });
  // The bridge keeps running when the log cannot be written, such as on a full disk.
  out.on('error', () => {});
  const log = pino({ name: 'bridge', level: env.LOG_LEVEL }, out);
  const bridge = await createBridge({
    dir: env.BRIDGE_DIR,
    host: env.BRIDGE_HOST,
    port: env.BRIDGE_PORT,
    secret: env.BRIDGE_SECRET,
    provesSecret: env.BRIDGE_TLS === 'shared-secret',
    secrets: listSecrets(env),
    log,
    createEngine: await loadEngine({ env, environment: readAgentEnvironment(), log }),
  });
  log.info({ url: bridge.url }, 'bridge listening');
  process.send?.({ type: 'listening', port: bridge.port } satisfies BridgeListening);

  const stop = async (reason: string) => {
    log.info({ reason }, 'bridge stopping');
    setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
    await bridge.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  // The parent process has exited, so the bridge is no longer needed.
  process.once('disconnect', () => void stop('disconnect'));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
