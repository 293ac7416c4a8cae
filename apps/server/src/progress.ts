type Output = { isTTY?: boolean; write(text: string): unknown };

/** Shorter operations show no progress. */
const DELAY_MS = 500;
/** Pause between two updates. */
const INTERVAL_MS = { terminal: 100, file: 5_000 };

/** Returns a function that shows progress: on a terminal in one line that is overwritten, elsewhere in a few lines. */
export function createProgressLine(output: Output, label: string) {
  const interval = output.isTTY ? INTERVAL_MS.terminal : INTERVAL_MS.file;
  let next: number | undefined;
  let isShown = false;
  return (done: number, total: number) => {
    next ??= performance.now() + DELAY_MS;
    const isDone = done === total;
    if (isDone ? !isShown : performance.now() < next) return;
    isShown = true;
    next = performance.now() + interval;
    const line = `${label}: ${done} of ${total}`;
    output.write(output.isTTY ? `\r${line}${isDone ? '\n' : ''}` : `${line}\n`);
  };
}
