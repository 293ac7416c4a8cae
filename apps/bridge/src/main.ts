import type { BridgeListening } from '@it0/contracts/bridge-listening';
import pino from 'pino';
import { createBridge } from './bridge.ts';
import { loadEngine } from './engines/load-engine.ts';
import { listSecrets, readAgentEnvironment, readEnv } from './env.ts';

const closeWithinMs = 15_000;
/** How much of the log waits in memory while it cannot be written; what comes on top is dropped. */
const logUnits = 1_000_000;

try {
  const env = readEnv();
  const out = pino.destination({ dest: 1, maxLength: logUnits });
  // What cannot be written, on a full disk, is no reason to end.
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

  const stop = async (why: string) => {
    log.info({ why }, 'bridge stopping');
    setTimeout(() => process.exit(1), closeWithinMs).unref();
    await bridge.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  // Whoever started this process with a channel is gone, and with it the use of the bridge.
  process.once('disconnect', () => void stop('disconnect'));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
