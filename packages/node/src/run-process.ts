import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

export type ProcessOptions = {
  /** The program and its arguments. */
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
  /** Of what it puts out, in UTF-8: it is stopped at that. */
  maxOutputBytes: number;
  signal: AbortSignal;
  /** Takes what it puts out, as it comes, of both streams. */
  onOutput(text: string): void;
};

/** How a process ended: by itself, or since it was stopped. The exit code is null where a signal ended it. */
export type ProcessEnd = { exitCode: number | null; stoppedBy: 'cancel' | 'timeout' | 'output' | null };

/** How long output is still read once the process has ended: another one may hold the pipe open. */
const DRAIN_MS = 500;

/**
 * Runs a program without a terminal and with an empty input, in a process group of its own, which ends with it: also when
 * it is stopped. Rejects when it cannot be started.
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const { argv, cwd, env, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const [program, ...args] = argv;
  // `detached` makes it the leader of a new session: it has no terminal, and one signal reaches all of its group.
  const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  exited.catch(() => {});
  await once(child, 'spawn');

  let stoppedBy: ProcessEnd['stoppedBy'] = null;
  const killGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It is gone.
    }
  };
  const stop = (why: NonNullable<ProcessEnd['stoppedBy']>) => {
    stoppedBy ??= why;
    killGroup();
  };
  const onAbort = () => stop('cancel');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const timer = setTimeout(stop, timeoutMs, 'timeout');
  const drain = readOutput([child.stdout, child.stderr], options, () => stop('output'));
  try {
    const [exitCode] = await exited;
    // Whatever it left running in its group ends with it.
    killGroup();
    await drain();
    return { exitCode: stoppedBy ? null : exitCode, stoppedBy };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Passes on what streams put out. Returns how to wait for their end. */
function readOutput(streams: Readable[], { maxOutputBytes, onOutput }: ProcessOptions, onTooMuch: () => void) {
  let bytes = 0;
  const closed = streams.map((stream) => {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxOutputBytes) onTooMuch();
      const text = decoder.write(chunk);
      if (text) onOutput(text);
    });
    return once(stream, 'close');
  });
  return async () => {
    const timer = setTimeout(() => streams.map((stream) => stream.destroy()), DRAIN_MS);
    await Promise.all(closed).finally(() => clearTimeout(timer));
  };
}
