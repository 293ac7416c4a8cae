import { toPlainText } from '@it0/contracts/text';
import { HELP, parseArguments } from './arguments.ts';
import { readPackageVersion } from './host-info.ts';
import { run } from './run.ts';

const CLOSE_TIMEOUT_MS = 15_000;
// The bridge keeps running when its terminal closes.
for (const out of [process.stdout, process.stderr]) out.on('error', () => {});
const print = (line: string) => process.stdout.write(`${toPlainText(line)}\n`);

function fail(error: unknown, code: number): never {
  process.stderr.write(`${toPlainText(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(code);
}

function parseArgumentsOrExit() {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    return fail(error, 2);
  }
}

const command = parseArgumentsOrExit();
if (command === 'help' || command === 'version') {
  print(command === 'help' ? HELP : readPackageVersion());
  process.exit(0);
}

const stopping = new AbortController();
const stop = () => {
  if (stopping.signal.aborted) return;
  setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
  stopping.abort();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
// The parent process has exited.
process.once('disconnect', stop);

await run(command, print, stopping.signal).catch((error) => stopping.signal.aborted || fail(error, 1));
process.exit(0);
