/** Colors by their SGR number, from black to white. */
export const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/** Look of a part of the output. */
export type Style = { color?: (typeof COLORS)[number]; bold?: true; dim?: true; underline?: true; inverse?: true };
/** Part of a line with one style. */
export type Segment = { text: string; style: Style };
/** Line of a terminal's output. */
export type TerminalLine = Segment[];

type Cell = { char: string; style: Style };

const PLAIN: Style = {};
/** Columns that a sequence may skip. Programs that draw on a whole screen are rare in the output of a tool. */
const MAX_COLUMN = 1_000;

/**
 * Sequence of control characters: CSI with its parameters and final byte, OSC and other strings up to their terminator,
 * a two-character escape, or one control character.
 */
const control =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that it is about
  /(?:\x1b\[|\x9b)(?<params>[\d;:?<=>!]*)[ -/]*(?<final>[@-~])|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)|\x1b[ -/]*[0-~]?|(?<char>[\0-\x08\x0a-\x1f\x7f-\x9f])/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const hasControl = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;
const splitLines = (output: string): TerminalLine[] =>
  output
    .replace(/\n$/, '')
    .split('\n')
    .map((text) => (text ? [{ text, style: PLAIN }] : []));

/**
 * Returns the lines that a terminal shows for an output: carriage returns, backspaces and movements of the cursor take
 * effect, colors become styles, and nothing remains of the codes.
 */
export function renderTerminal(output: string): TerminalLine[] {
  if (!hasControl.test(output)) return splitLines(output);
  const lines: Cell[][] = [[]];
  let [row, column] = [0, 0];
  let style = PLAIN;

  const write = (text: string) => {
    const line = lines[row]!;
    while (line.length < column) line.push({ char: ' ', style: PLAIN });
    for (const char of text) line[column++] = { char, style };
  };
  const moveToRow = (target: number) => {
    row = Math.max(0, target);
    while (lines.length <= row) lines.push([]);
  };
  const moveTo = (target: number) => {
    column = Math.min(MAX_COLUMN, Math.max(0, target));
  };
  const applyControl = (char: string) => {
    if (char === '\n') moveToRow(row + 1);
    if (char === '\n' || char === '\r') column = 0;
    if (char === '\b') moveTo(column - 1);
  };
  const erase = (mode: number) => {
    const line = lines[row]!;
    if (mode === 0) line.length = Math.min(line.length, column);
    else
      lines[row] = mode === 2 ? [] : line.map((cell, index) => (index <= column ? { char: ' ', style: PLAIN } : cell));
  };
  const applySequence = (final: string, params: string) => {
    const [count = 0] = params.split(';').map(Number);
    if (final === 'm') style = applySgr(style, params);
    else if (final === 'K') erase(count);
    else if (final === 'G') moveTo(count - 1);
    else if (final === 'C') moveTo(column + (count || 1));
    else if (final === 'D') moveTo(column - (count || 1));
    else if (final === 'A') moveToRow(row - (count || 1));
    else if (final === 'B') moveToRow(Math.min(lines.length - 1, row + (count || 1)));
  };

  let from = 0;
  for (const { 0: sequence, index, groups } of output.matchAll(control)) {
    write(output.slice(from, index));
    from = index + sequence.length;
    if (groups?.char) applyControl(groups.char);
    else if (groups?.final) applySequence(groups.final, groups.params ?? '');
  }
  write(output.slice(from));
  if (lines.length > 1 && lines.at(-1)!.length === 0) lines.pop();
  return lines.map(toSegments);
}

/** Applies the parameters of a sequence that selects colors and weights. Colors of large palettes are approximated. */
function applySgr(before: Style, params: string): Style {
  const codes = params.split(/[;:]/).map(Number);
  let style = before;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!;
    if (code === 0) style = PLAIN;
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 4) style = { ...style, underline: true };
    else if (code === 7) style = { ...style, inverse: true };
    else if (code === 22) style = omit(style, 'bold', 'dim');
    else if (code === 24) style = omit(style, 'underline');
    else if (code === 27) style = omit(style, 'inverse');
    else if (code === 39) style = omit(style, 'color');
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) style = { ...style, color: COLORS[code % 10]! };
    else if (code === 38 || code === 48) {
      const length = codes[at + 1] === 5 ? 2 : 4;
      const color = toColor(codes.slice(at + 1, at + 1 + length));
      if (code === 38 && color) style = { ...style, color };
      at += length;
    }
  }
  return style;
}

function omit(style: Style, ...keys: (keyof Style)[]): Style {
  const rest = { ...style };
  for (const key of keys) delete rest[key];
  return rest;
}

/** Returns the nearest of the eight colors for the parameters `5;index` or `2;red;green;blue`. */
function toColor([kind, first = 0, green = 0, blue = 0]: number[]): Style['color'] {
  if (kind === 2) return toNearest(first, green, blue);
  if (first < 16) return COLORS[first % 8];
  if (first >= 232) return first < 244 ? 'black' : 'white';
  const index = first - 16;
  const toLevel = (step: number) => (Math.floor(index / step) % 6) * 51;
  return toNearest(toLevel(36), toLevel(6), toLevel(1));
}

const toNearest = (red: number, green: number, blue: number) =>
  COLORS[(red > 127 ? 1 : 0) + (green > 127 ? 2 : 0) + (blue > 127 ? 4 : 0)];

function toSegments(cells: Cell[]): TerminalLine {
  const segments: Segment[] = [];
  for (const { char, style } of cells) {
    const last = segments.at(-1);
    if (last && last.style === style) last.text += char;
    else segments.push({ text: char, style });
  }
  return segments;
}

/** Returns the text of lines, as it is copied. */
export const toOutputText = (lines: readonly TerminalLine[]) =>
  lines.map((line) => line.map(({ text }) => text).join('')).join('\n');
