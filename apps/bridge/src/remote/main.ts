import { toPlainText } from '@it0/contracts/text';
import { help, readArguments } from './arguments.ts';
import { packageVersion } from './host-info.ts';
import { run } from './run.ts';

const closeWithinMs = 15_000;
// Nobody has to look: the terminal may be gone while the bridge goes on.
for (const out of [process.stdout, process.stderr]) out.on('error', () => {});
const say = (line: string) => process.stdout.write(`${toPlainText(line)}\n`);

function fail(error: unknown, code: number): never {
  process.stderr.write(`${toPlainText(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(code);
}

function parseArgumentsOrExit() {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    return fail(error, 2);
  }
}

const given = parseArgumentsOrExit();
if (given === 'help' || given === 'version') {
  say(given === 'help' ? help : packageVersion());
  process.exit(0);
}

const stopping = new AbortController();
const stop = () => {
  if (stopping.signal.aborted) return;
  setTimeout(() => process.exit(1), closeWithinMs).unref();
  stopping.abort();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
// Whoever started this process with a channel is gone.
process.once('disconnect', stop);

await run(given, say, stopping.signal).catch((error) => stopping.signal.aborted || fail(error, 1));
process.exit(0);
