import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';

/** Of long output the beginning and the end are kept, together `limits.toolOutput`. */
const headLength = 16_000;
const tailLength = limits.toolOutput - headLength - 200;
const progressEveryMs = 100;

export type Output = ReturnType<typeof collectOutput>;

/** Keeps the first and the last of what a command puts out, and shows the last lines at most every tenth of a second. */
export function collectOutput(onProgress: (output: string) => void) {
  let [start, end, length, progressAt] = ['', '', 0, 0];
  return {
    add(text: string) {
      length += text.length;
      const first = head(text, Math.max(0, headLength - start.length));
      start += first;
      end = tail(end + text.slice(first.length), tailLength);
      if (performance.now() - progressAt < progressEveryMs) return;
      progressAt = performance.now();
      onProgress(tail(start + end, limits.progress));
    },
    text() {
      const left = length - start.length - end.length;
      return left > 0 ? `${start}\n[${left} characters left out]\n${end}` : start + end;
    },
  };
}
