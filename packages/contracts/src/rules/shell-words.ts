/*
 * Parses a text into the words that a POSIX shell (dash or bash, run as `sh -c`) would produce, as far as that is known
 * without running it. Conservative: a construct that one of these shells can read differently counts as unknown.
 */

import { hasInvisible } from '../invisible.ts';

/** Reason why a text is not a single command with known words. */
export type ShellReason =
  | 'empty'
  | 'invisible'
  | 'quote'
  | 'newline'
  | 'operator'
  | 'redirection'
  | 'substitution'
  | 'glob'
  | 'tilde'
  | 'brace'
  | 'history'
  | 'comment'
  | 'assignment'
  | 'reserved'
  | 'program';

/** A word of a command. */
export type Word = {
  /** The word with quotes and backslashes resolved. */
  text: string;
  /** The word as written. */
  raw: string;
  /** Indexes of unquoted stars in `text`. */
  stars: number[];
};

/** The commands of a text. */
export type Line = {
  commands: Word[][];
  /** Reason why the text is more than a single plain command. */
  structure?: ShellReason;
  /** Reason why the words are unknown. */
  doubt?: ShellReason;
};

/** Result of `parseCommand`. `compound`: several commands or redirections; `unparsable`: the words are unknown. */
export type ParsedCommand =
  | { kind: 'simple'; words: string[] }
  | { kind: 'compound'; reason: ShellReason }
  | { kind: 'unparsable'; reason: ShellReason };

const RESERVED = new Set(
  'if then else elif fi do done case esac while until for in select function coproc time { } [[ ]] !'.split(' '),
);

const PIECES =
  /(?<blank>[ \t]+)|(?<operator>[;&|()\n]|[<>]+[&|]?)|'(?<single>[^']*)'|"(?<double>[^"\\]*(?:\\[\s\S][^"\\]*)*)"|\\(?<escaped>[\s\S])|(?<plain>[^ \t\n'"\\;&|()<>]+)/gy;

/** Reasons for doubt in an unquoted run. */
const QUESTIONABLE: [RegExp, ShellReason][] = [
  [/[$`]/, 'substitution'],
  [/[?[]/, 'glob'],
  [/[{}]/, 'brace'],
  [/!/, 'history'],
];
/** Reasons for doubt in an unquoted run with the character before it. */
const QUESTIONABLE_AFTER: [RegExp, ShellReason][] = [[/(^|[^\w./-])~/, 'tilde']];
/** Reasons for doubt in an unquoted run that begins a word. */
const QUESTIONABLE_START: [RegExp, ShellReason][] = [
  [/^#/, 'comment'],
  [/^=/, 'program'],
];

const findReason = (text: string, table: [RegExp, ShellReason][]) => table.find(([pattern]) => pattern.test(text))?.[1];

/** Splits a text into commands like a shell. After a doubt, the words are a guess. */
export function readLine(text: string): Line {
  const line: Line = { commands: [[]], doubt: hasInvisible(text) ? 'invisible' : undefined };
  let word: Word | undefined;
  /** The last character of `word.raw`, since reading it there would copy the whole word each time. */
  let before = '';
  let isTarget = false;
  let end = 0;

  const finishWord = () => {
    if (word && !isTarget) line.commands.at(-1)!.push(word);
    if (word) isTarget = false;
    word = undefined;
    before = '';
  };
  const takeOperator = (operator: string) => {
    finishWord();
    isTarget = /[<>]/.test(operator);
    if (isTarget) {
      line.structure ??= 'redirection';
      if (operator.includes('<<')) line.doubt ??= 'redirection';
    } else {
      line.structure ??= operator === '\n' ? 'newline' : 'operator';
      line.commands.push([]);
    }
  };
  const append = (raw: string, added: string, reason?: ShellReason) => {
    word ??= { text: '', raw: '', stars: [] };
    word.raw += raw;
    word.text += added;
    before = raw.at(-1)!;
    line.doubt ??= reason;
  };
  const takePlain = (plain: string) => {
    const reason =
      findReason(plain, QUESTIONABLE) ??
      findReason(before + plain, QUESTIONABLE_AFTER) ??
      (word ? undefined : findReason(plain, QUESTIONABLE_START));
    const offset = word?.text.length ?? 0;
    append(plain, plain, reason);
    for (const { index } of plain.matchAll(/\*/g)) word!.stars.push(offset + index);
  };

  for (const { 0: raw, groups, index } of text.matchAll(PIECES)) {
    const { operator, single, double, escaped, plain } = groups!;
    if (operator !== undefined) takeOperator(operator);
    else if (single !== undefined) append(raw, single);
    else if (double !== undefined) append(raw, resolveDouble(double), findDoubleReason(double));
    else if (escaped !== undefined) append(raw, escaped === '\n' ? '' : escaped);
    else if (plain !== undefined) takePlain(plain);
    else finishWord();
    end = index + raw.length;
  }
  finishWord();
  if (end < text.length) line.doubt ??= 'quote';
  line.commands = line.commands.filter((words) => words.length > 0);
  return line;
}

const resolveDouble = (content: string) =>
  content.replace(/\\([$`"\\\n])/g, (_, char: string) => (char === '\n' ? '' : char));

const findDoubleReason = (content: string): ShellReason | undefined => {
  if (content.includes('!')) return 'history';
  return /[$`]/.test(content.replace(/\\[\s\S]/g, '')) ? 'substitution' : undefined;
};

/** Returns whether a word is a keyword of the shell, such as `then`. */
export const isReserved = (word: Word) => RESERVED.has(word.text);
/** Returns whether a word assigns a variable, as `A=1` does. */
export const isAssignment = (word: Word) => /^[A-Za-z_]\w*(\[[^\]]*\])?\+?=/.test(word.raw);

/** Returns the reason why a word is no program name; undefined when it is one. */
function findProgramReason(word: Word): ShellReason | undefined {
  if (isReserved(word)) return 'reserved';
  if (word.text.includes('=')) return 'assignment';
  // `sh -c` parses a text that begins with `-` or `+` as its own option, and `%1` is a job.
  return /^($|[-+%])/.test(word.text) ? 'program' : undefined;
}

/** Parses a text as a single plain command, in which unquoted stars are allowed. */
export function parseWords(text: string): { words: Word[] } | { kind: 'compound' | 'unparsable'; reason: ShellReason } {
  if (text.includes('\t')) return { kind: 'unparsable', reason: 'invisible' };
  const { commands, structure, doubt } = readLine(text);
  if (doubt) return { kind: 'unparsable', reason: doubt };
  if (structure) return { kind: 'compound', reason: structure };
  // A newline that is quoted or escaped.
  if (text.includes('\n')) return { kind: 'unparsable', reason: 'newline' };
  const [words = []] = commands;
  const reason = words[0] ? findProgramReason(words[0]) : 'empty';
  if (reason) return { kind: reason === 'reserved' ? 'compound' : 'unparsable', reason };
  return { words };
}

/** Parses a text as a single plain command without unquoted stars. */
export function parseCommand(text: string): ParsedCommand {
  const parsed = parseWords(text);
  if (!('words' in parsed)) return parsed;
  if (parsed.words.some(({ stars }) => stars.length > 0)) return { kind: 'unparsable', reason: 'glob' };
  return { kind: 'simple', words: parsed.words.map((word) => word.text) };
}

/** Quotes a word for a shell, when that is necessary. */
export const quote = (word: string) => (/^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
