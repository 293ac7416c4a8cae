import { toModelEnv } from '@it0/contracts/model-env';
import type { BridgeModel } from '@it0/contracts/remote-bridge';
import { readHostEnvironment, readEnv } from '../env.ts';
import type { Arguments } from './arguments.ts';
import { keepCheckingIn } from './check-in.ts';
import { enroll } from './enroll.ts';
import { readHostInfo } from './host-info.ts';
import { openLog } from './log-file.ts';
import { lockStateDir, openStateDir } from './state-dir.ts';
import { createStatusPrinter } from './status-printer.ts';
import { createSupervisor } from './supervisor.ts';

const showEveryMs = 250;

/**
 * A bridge on a host of its own, until the signal aborts. Throws, as one line for a person, why it cannot be or cannot
 * go on.
 */
export async function run(options: Arguments, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { dir, enroll: code, url = null, host = url ? '0.0.0.0' : '127.0.0.1', port = 0 } = options;
  const BRIDGE_SANDBOX = options['no-sandbox'] ? 'off' : 'on';
  const environment = readHostEnvironment();
  const terminal = createStatusPrinter(say);
  const folder = openStateDir(dir);
  const hold = await lockStateDir(folder, signal);
  try {
    const server = options.server ?? folder.enrollment.read()?.server;
    if (!server) throw new Error('This bridge is not enrolled yet. Start it with the command that the page shows.');
    const told = readHostInfo(server, url);
    const enrollment = await enroll({ stateDir: folder, hostInfo: told, code, printer: terminal, signal });
    const { secret } = enrollment;
    const envFor = (model?: BridgeModel) => {
      const own = { BRIDGE_DIR: dir, BRIDGE_SECRET: secret, BRIDGE_SANDBOX, BRIDGE_OUTSIDE: 'bridge' };
      return readEnv({ ...toModelEnv(environment, model), ...own });
    };
    const { LOG_LEVEL, BRIDGE_ENGINE } = envFor();
    if (BRIDGE_ENGINE === 'claude-cli') throw new Error('BRIDGE_ENGINE: claude-cli runs on the server only.');
    const log = openLog(dir, LOG_LEVEL);
    say(`Enrolled as “${enrollment.name}”.`);

    const agent = createSupervisor({
      ...{ dir, secret, host, port, log },
      desired: folder.desired,
      readEnvFor: ({ model }) => envFor(model),
    });
    const show = (isWanted = agent.isDesiredRunning()) => isWanted !== undefined && terminal.agent(agent.running(), isWanted);
    const showing = setInterval(() => show(), showEveryMs);
    try {
      const gone = await keepCheckingIn({ hostInfo: told, enrollment, supervisor: agent, printer: terminal, log, signal });
      if (gone) throw new Error(gone);
    } finally {
      clearInterval(showing);
      await agent.close();
    }
  } finally {
    hold.release();
  }
}
