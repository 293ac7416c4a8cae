type Out = { isTTY?: boolean; write(text: string): unknown };

/** What is over sooner is not worth a word, in milliseconds. */
const patienceMs = 500;
const everyMs = { terminal: 100, elsewhere: 5_000 };

/** Tells a person how far something is: on a terminal in one line that is written again and again. */
export function progressLine(out: Out, what: string) {
  const pause = out.isTTY ? everyMs.terminal : everyMs.elsewhere;
  let next: number | undefined;
  let told = false;
  return (done: number, all: number) => {
    next ??= performance.now() + patienceMs;
    const isOver = done === all;
    if (isOver ? !told : performance.now() < next) return;
    told = true;
    next = performance.now() + pause;
    const line = `${what}: ${done} of ${all}`;
    out.write(out.isTTY ? `\r${line}${isOver ? '\n' : ''}` : `${line}\n`);
  };
}
