import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import type { NewReport } from '../engine.ts';

type TextReport = Extract<NewReport, { type: 'text' }>;

/** The text of a reply across runs, of which a run may rewrite its own part. */
export class TextTracker {
  /** The text of earlier runs. */
  #previousText = '';
  #text = '';

  /** The reply so far. */
  get text() {
    return this.#text;
  }

  /** Continues with another run, after the text of earlier ones. */
  resume(previousText: string, currentText: string): TextReport[] {
    this.#previousText = previousText;
    return this.setText(currentText);
  }

  /** Sets the text of the current run. Returns the report of what differs, if anything does. */
  setText(currentText: string): TextReport[] {
    const fullText = head([this.#previousText, currentText].filter(Boolean).join('\n\n'), limits.reply);
    // A high surrogate is held back until the rest of its character arrives.
    const text = endsInHighSurrogate(fullText) ? fullText.slice(0, -1) : fullText;
    if (text === this.#text) return [];
    const offset = commonLength(this.#text, text);
    this.#text = text;
    return [{ type: 'text', offset, delta: text.slice(offset) }];
  }
}

const endsInHighSurrogate = (text: string) => /[\ud800-\udbff]$/.test(text);

/** Returns the length of the common start of two texts, in complete characters. */
function commonLength(a: string, b: string) {
  let length = b.startsWith(a) ? a.length : 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return endsInHighSurrogate(b.slice(0, length)) ? length - 1 : length;
}
