import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';

/** The head and tail of long output, in characters. With the line between them they fit into `limits.toolOutput`. */
const HEAD_CHARS = 16_000;
const TAIL_CHARS = limits.toolOutput - HEAD_CHARS - 200;
const PROGRESS_INTERVAL_MS = 100;

export type Output = ReturnType<typeof collectOutput>;

/** Collects a command's output, keeping its head and tail. Calls `onProgress` with its end at most every 100 ms. */
export function collectOutput(onProgress: (output: string) => void) {
  let [start, end, length, progressAt] = ['', '', 0, 0];
  return {
    add(text: string) {
      length += text.length;
      const first = head(text, Math.max(0, HEAD_CHARS - start.length));
      start += first;
      end = tail(end + text.slice(first.length), TAIL_CHARS);
      if (performance.now() - progressAt < PROGRESS_INTERVAL_MS) return;
      progressAt = performance.now();
      onProgress(tail(start + end, limits.progress));
    },
    text() {
      const omitted = length - start.length - end.length;
      return omitted > 0 ? `${start}\n[${omitted} characters omitted]\n${end}` : start + end;
    },
  };
}
