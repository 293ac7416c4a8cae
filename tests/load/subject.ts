import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Usage } from './probe.ts';

export type Subject = {
  pid: number;
  host: string;
  port: number;
  /** Returns its standard output so far. */
  printed(): string;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
};

/** Starts a program as a process. It is ready when it prints its address. */
export async function startSubject(main: string, env: Record<string, string>): Promise<Subject> {
  const flags = ['--expose-gc', '--import', join(import.meta.dirname, 'probe.ts')];
  const child = spawn(process.execPath, [...flags, main], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env },
  });
  const exited = once(child, 'exit');
  let printed = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      printed += chunk;
      const match = /http:\/\/[\w.]+:(\d+)\S*\s/.exec(printed);
      if (match) resolve(Number(match[1]));
    });
    child.once('exit', (code) => reject(new Error(`${main} ended with ${code}: ${printed}`)));
  });
  return {
    pid: child.pid!,
    host: '127.0.0.1',
    port,
    printed: () => printed,
    async usage() {
      child.send('usage');
      const [usage] = await once(child, 'message');
      return usage as Usage;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
