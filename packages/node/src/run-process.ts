import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Options of `runProcess`. */
export type ProcessOptions = {
  /** The program and its arguments. */
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
  /** The amount of output after which the process is stopped, in bytes. */
  maxOutputBytes: number;
  signal: AbortSignal;
  /** Receives the output of both streams as it arrives. */
  onOutput(text: string): void;
};

/** The end of a process. `exitCode` is null when it was killed; `stoppedBy` is null when it exited by itself. */
export type ProcessEnd = { exitCode: number | null; stoppedBy: 'cancel' | 'timeout' | 'output' | null };

/** Maximum time that output is read after the process has exited, since another process may hold the pipe open. */
const DRAIN_MS = 500;

/**
 * Runs a program with an empty input and without a terminal, in a process group of its own. The group is killed when
 * the program ends or is stopped. Rejects when the program cannot be started.
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const { argv, cwd, env, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const [program, ...args] = argv;
  // `detached` starts a new session: the process has no terminal, and one signal reaches its whole group.
  const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  exited.catch(() => {});
  await once(child, 'spawn');

  let stoppedBy: ProcessEnd['stoppedBy'] = null;
  const killGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // The group has ended.
    }
  };
  const stop = (cause: NonNullable<ProcessEnd['stoppedBy']>) => {
    stoppedBy ??= cause;
    killGroup();
  };
  const onAbort = () => stop('cancel');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const timer = setTimeout(stop, timeoutMs, 'timeout');
  const drain = readOutput([child.stdout, child.stderr], options, () => stop('output'));
  try {
    const [exitCode] = await exited;
    killGroup();
    await drain();
    return { exitCode: stoppedBy ? null : exitCode, stoppedBy };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Reads streams as text. Returns a function that waits for their end, at most `DRAIN_MS`. */
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
