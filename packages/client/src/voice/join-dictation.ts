const CJK = /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/;

/** Joins two parts of a dictated text, with a space unless one of them ends or begins with one or is Chinese there. */
export function joinDictation(before: string, text: string): string {
  const last = before.at(-1) ?? ' ';
  const first = text[0] ?? ' ';
  return [last, first].some((char) => /\s/.test(char) || CJK.test(char)) ? before + text : `${before} ${text}`;
}
