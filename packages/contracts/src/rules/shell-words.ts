/**
 * The words that a POSIX shell (dash or bash, run as `sh -c`) makes of a text, where that can be told without running it.
 * Conservative: what one of them could read otherwise is not known.
 */

/** Why a text is not one command whose words are known. */
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

export type Word = {
  /** With quotes and backslashes resolved. */
  text: string;
  /** As it was written. */
  raw: string;
  /** Where in `text` there are stars without quotes. */
  stars: number[];
};

/** Every command of a text. */
export type Line = {
  commands: Word[][];
  /** What makes more than one plain command of it. */
  structure?: ShellReason;
  /** Why its words are not known. */
  doubt?: ShellReason;
};

export type ParsedCommand =
  | { kind: 'simple'; words: string[] }
  | { kind: 'compound'; reason: ShellReason }
  | { kind: 'unparsable'; reason: ShellReason };

const reserved = new Set(
  'if then else elif fi do done case esac while until for in select function coproc time { } [[ ]] !'.split(' '),
);

/** Has no shape of its own on a screen, or not that of what it is; a tab and a newline are looked at elsewhere. */
const unseen = /(?![\t\n])[\p{C}\p{DI}\p{Zl}\p{Zp}\uFFFD]|(?! )\p{Zs}/u;

const pieces =
  /(?<blank>[ \t]+)|(?<operator>[;&|()\n]|[<>]+[&|]?)|'(?<single>[^']*)'|"(?<double>[^"\\]*(?:\\[\s\S][^"\\]*)*)"|\\(?<escaped>[\s\S])|(?<plain>[^ \t\n'"\\;&|()<>]+)/gy;

/** Of a run without quotes. */
const special: [RegExp, ShellReason][] = [
  [/[$`]/, 'substitution'],
  [/[?[]/, 'glob'],
  [/[{}]/, 'brace'],
  [/!/, 'history'],
];
/** Of a run with the last character of its word before it. */
const following: [RegExp, ShellReason][] = [[/(^|[^\w./-])~/, 'tilde']];
/** Of a run that begins a word. */
const leading: [RegExp, ShellReason][] = [
  [/^#/, 'comment'],
  [/^=/, 'program'],
];

const findReason = (text: string, table: [RegExp, ShellReason][]) => table.find(([pattern]) => pattern.test(text))?.[1];

/** Reads a text as a shell would, as far as that goes: the words after a doubt are a guess. */
export function readLine(text: string): Line {
  const line: Line = { commands: [[]], doubt: unseen.test(text) ? 'invisible' : undefined };
  let word: Word | undefined;
  let isTarget = false;
  let end = 0;

  const finishWord = () => {
    if (word && !isTarget) line.commands.at(-1)!.push(word);
    if (word) isTarget = false;
    word = undefined;
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
    line.doubt ??= reason;
  };
  const takePlain = (plain: string) => {
    const before = word?.raw.at(-1) ?? '';
    const reason =
      findReason(plain, special) ??
      findReason(before + plain, following) ??
      (word ? undefined : findReason(plain, leading));
    const offset = word?.text.length ?? 0;
    append(plain, plain, reason);
    for (const { index } of plain.matchAll(/\*/g)) word!.stars.push(offset + index);
  };

  for (const { 0: raw, groups, index } of text.matchAll(pieces)) {
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

export const isReserved = (word: Word) => reserved.has(word.text);
export const isAssignment = (word: Word) => /^[A-Za-z_]\w*(\[[^\]]*\])?\+?=/.test(word.raw);

/** Why a word cannot be taken for the name of a program. */
function findProgramReason(word: Word): ShellReason | undefined {
  if (isReserved(word)) return 'reserved';
  if (word.text.includes('=')) return 'assignment';
  // `sh -c` reads a text that begins with a sign as an option of its own, and `%1` is a job.
  return /^($|[-+%])/.test(word.text) ? 'program' : undefined;
}

/** The words of one plain command, stars without quotes among them, or why it is not one. */
export function parseWords(text: string): { words: Word[] } | { kind: 'compound' | 'unparsable'; reason: ShellReason } {
  if (text.includes('\t')) return { kind: 'unparsable', reason: 'invisible' };
  const { commands, structure, doubt } = readLine(text);
  if (doubt) return { kind: 'unparsable', reason: doubt };
  if (structure) return { kind: 'compound', reason: structure };
  // In quotes, or after a backslash.
  if (text.includes('\n')) return { kind: 'unparsable', reason: 'newline' };
  const [words = []] = commands;
  const reason = words[0] ? findProgramReason(words[0]) : 'empty';
  if (reason) return { kind: reason === 'reserved' ? 'compound' : 'unparsable', reason };
  return { words };
}

/** Reads a text as one program with words that are all known, or says why it is not that. */
export function parseCommand(text: string): ParsedCommand {
  const parsed = parseWords(text);
  if (!('words' in parsed)) return parsed;
  if (parsed.words.some(({ stars }) => stars.length > 0)) return { kind: 'unparsable', reason: 'glob' };
  return { kind: 'simple', words: parsed.words.map((word) => word.text) };
}
