import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';

export type ProcessOptions = {
  /** The program and its arguments, with whatever keeps it away from the rest of the machine. */
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
  /** Called with the last of the output, at most every tenth of a second. */
  onOutput(output: string): void;
};

/** Why a process ended: by itself, or since it was stopped. */
export type ProcessEnd = {
  output: string;
  exitCode: number | null;
  stoppedBy: 'cancel' | 'timeout' | 'output' | null;
};

/** What a command may put out, in UTF-8 bytes: it is stopped at that. */
const outputBytes = 64 * 1024 * 1024;
/** Of longer output the beginning and the end are kept, together `limits.toolOutput`. */
const headLength = 16_000;
const tailLength = limits.toolOutput - headLength - 200;
const progressEveryMs = 100;
/** How long output is still read once the process has ended: a grandchild may hold the pipe open. */
const drainMs = 500;

/**
 * Runs a program without a terminal and with an empty input, in a process group of its own, which ends with it: also when
 * it is stopped. Rejects when it cannot be started.
 */
export async function runProcess({ argv, cwd, env, timeoutMs, signal, onOutput }: ProcessOptions): Promise<ProcessEnd> {
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
  const output = collectOutput([child.stdout, child.stderr], onOutput, () => stop('output'));
  try {
    const [exitCode] = await exited;
    // Whatever it left running in its group ends with it.
    killGroup();
    await output.drain();
    return { output: output.text(), exitCode: stoppedBy ? null : exitCode, stoppedBy };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Keeps the first and the last of what streams put out, in the order in which it comes. */
function collectOutput(streams: Readable[], onOutput: (output: string) => void, onTooMuch: () => void) {
  let [start, end, length, bytes, progressAt] = ['', '', 0, 0, 0];
  const take = (text: string) => {
    length += text.length;
    const room = Math.max(0, headLength - start.length);
    const first = head(text, room);
    start += first;
    end = tail(end + text.slice(first.length), tailLength);
    if (performance.now() - progressAt < progressEveryMs) return;
    progressAt = performance.now();
    onOutput(tail(start + end, limits.progress));
  };
  const ended = streams.map((stream) => {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > outputBytes) onTooMuch();
      take(decoder.write(chunk));
    });
    return once(stream, 'close');
  });
  return {
    text() {
      const left = length - start.length - end.length;
      return left > 0 ? `${start}\n[${left} characters left out]\n${end}` : start + end;
    },
    async drain() {
      const timer = setTimeout(() => streams.map((stream) => stream.destroy()), drainMs);
      await Promise.all(ended).finally(() => clearTimeout(timer));
    },
  };
}
