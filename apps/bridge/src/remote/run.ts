import type { BridgeModel } from '@it0/contracts/remote-bridge';
import { every } from '@it0/node/every';
import { toModelEnv } from '@it0/node/model-env';
import { readEnv, readHostEnvironment } from '../env.ts';
import type { Arguments } from './arguments.ts';
import { runCheckIns } from './check-in.ts';
import { enroll, NOT_ENROLLED } from './enroll.ts';
import { readHostInfo } from './host-info.ts';
import { openLog } from './log-file.ts';
import { lockStateDir, openStateDir } from './state-dir.ts';
import { createStatusPrinter } from './status-printer.ts';
import { createSupervisor } from './supervisor.ts';

const STATUS_INTERVAL_MS = 250;

/**
 * Runs a bridge on a host other than the server's, until the signal aborts. Throws an error with a message of one line
 * for the user when the bridge cannot start, or when the server no longer knows it.
 */
export async function run(options: Arguments, print: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { dir, enroll: code, url = null, host = url ? '0.0.0.0' : '127.0.0.1', port = 0 } = options;
  const BRIDGE_SANDBOX = options['no-sandbox'] ? 'off' : 'on';
  const environment = readHostEnvironment();
  const printer = createStatusPrinter(print);
  const stateDir = openStateDir(dir);
  using _lock = await lockStateDir(stateDir, signal);
  const server = options.server ?? stateDir.enrollment.read()?.server;
  if (!server) throw new Error(NOT_ENROLLED);
  const hostInfo = readHostInfo(server, url);
  const enrollment = await enroll({ stateDir, hostInfo, code, printer, signal });
  const { secret } = enrollment;
  const readEnvWith = (model?: BridgeModel) => {
    const fixed = { BRIDGE_DIR: dir, BRIDGE_SECRET: secret, BRIDGE_SANDBOX, BRIDGE_OUTSIDE: 'bridge' };
    return readEnv({ ...toModelEnv(environment, model), ...fixed });
  };
  const { LOG_LEVEL, BRIDGE_ENGINE } = readEnvWith();
  if (BRIDGE_ENGINE === 'claude-cli')
    throw new Error('BRIDGE_ENGINE: claude-cli is available on the server only. Use openclaw or claude-api.');
  const log = openLog(dir, LOG_LEVEL);
  print(`Enrolled as “${enrollment.name}”.`);

  await using supervisor = createSupervisor({
    ...{ dir, secret, host, port, log },
    desired: stateDir.desired,
    readEnvFor: ({ model }) => readEnvWith(model),
  });
  await using _status = every({
    ms: STATUS_INTERVAL_MS,
    run() {
      const isDesiredRunning = supervisor.isDesiredRunning();
      if (isDesiredRunning !== undefined) printer.showAgent(supervisor.describeRunning(), isDesiredRunning);
    },
    onError: (error) => log.warn({ err: error }, 'the status could not be shown'),
  });
  const rejection = await runCheckIns({ hostInfo, enrollment, supervisor, printer, log, signal });
  if (rejection) throw new Error(rejection);
}
