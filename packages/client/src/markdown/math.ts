import type { TokenizerExtension } from 'marked';

/** Formula in TeX, without its delimiters. */
export type MathToken = { type: 'math'; raw: string; text: string; display: boolean };

/** Any text without a blank line, which would end the block. */
const body = String.raw`(?:(?!\n[ \t]*\n)[^])+?`;
const displayed = String.raw`\\\[(${body})\\\]|\$\$(${body})\$\$`;
const block = new RegExp(String.raw`^ {0,3}(?:${displayed})[ \t]*(?=\n|$)`);
const blockStart = new RegExp(String.raw`\n(?= {0,3}(?:${displayed})[ \t]*(?:\n|$))`);
const inline = new RegExp(String.raw`^(?:${displayed}|\\\((${body})\\\))`);
/** As in Pandoc: no space inside the dollar signs and no digit after them, so that `$5 and $10` stays text. */
const dollars = /^\$(?![\s$])([^$`\n]*[^\s$`\\])\$(?![\w$])/;

/** Returns whether a text between delimiters is a formula: `\(see below\)` and `$5 (or 5$)` are not. */
const isFormula = (text: string) =>
  /[\\^_={}<>]/.test(text) || /^\s*\p{L}\s*$/u.test(text) || /^\s*[\w.]+[-+*/(][\w.()]+\s*$/.test(text);

/** Block extension of marked for formulas on lines of their own, whose content is not a list or a heading. */
export const mathBlock: TokenizerExtension = {
  name: 'math',
  level: 'block',
  start(src) {
    const end = src.search(/\n[ \t]*\n/);
    const found = blockStart.exec(end < 0 ? src : src.slice(0, end + 1));
    return found ? found.index + 1 : undefined;
  },
  tokenizer: (src) => toMath(block.exec(src), true),
};

/** Inline extension of marked for formulas within a text. */
export const mathSpan: TokenizerExtension = {
  name: 'math',
  level: 'inline',
  start: (src) => {
    const at = src.search(/\$|\\[([]/);
    return at < 0 ? undefined : at;
  },
  tokenizer(src, tokens) {
    if (src.startsWith('\\')) return toMath(inline.exec(src), src.startsWith('\\['));
    if (!src.startsWith('$') || /[\w$]$/.test(tokens.at(-1)?.raw ?? '')) return;
    return src.startsWith('$$') ? toMath(inline.exec(src), true) : toMath(dollars.exec(src), false);
  },
};

function toMath(match: RegExpExecArray | null, display: boolean): MathToken | undefined {
  const text = match?.slice(1).find((group) => group !== undefined);
  if (!match || text === undefined || !isFormula(text)) return;
  return { type: 'math', raw: match[0], text: text.trim(), display };
}
