import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildBridgeEnvironment } from './compile-cache.ts';

const MAIN = fileURLToPath(new URL('../remote/main.ts', import.meta.url));

/** Starts a real remote bridge in a separate process, with the engine that starts fastest. */
export function startRemote(args: string[], environment: Record<string, string> = {}, program = MAIN) {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...buildBridgeEnvironment(), BRIDGE_ENGINE: 'claude-api', ...environment },
  });
  const lines: string[] = [];
  const arrivals = new EventEmitter().setMaxListeners(100);
  const outputEnds = [child.stdout!, child.stderr!].map((input) => {
    const reader = createInterface({ input }).on('line', (line) => {
      lines.push(line);
      arrivals.emit('line');
    });
    return once(reader, 'close');
  });
  const exited = Promise.all([once(child, 'exit'), ...outputEnds]).then(([[code]]) => code as number | null);
  return {
    lines,
    exited,
    /** Waits for an output line that contains the text. */
    async waitForLine(text: string) {
      while (!lines.some((line) => line.includes(text))) await once(arrivals, 'line');
    },
    async end(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    async endByDisconnect() {
      child.disconnect();
      return exited;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
