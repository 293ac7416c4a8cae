import { normalizePath, toBaseName } from './path.ts';
import { canRunAnother, isUnmistakable, runsText, runsWords } from './programs.ts';
import { isAssignment, isReserved, readLine, type Word } from './shell-words.ts';

/** A command that is run, or that another command's arguments can make it run. */
export type FoundCommand = {
  words: string[];
  /** Whether it is certain that the command is run. */
  isSure: boolean;
  /** Whether it runs the command in its arguments. */
  isWrapper: boolean;
};

/** The commands of a command line, as far as they are known. */
export type CommandSubject = {
  commands: FoundCommand[];
  /** The whole text, and each command in normalized spellings. */
  texts: { text: string; isSure: boolean }[];
  /** Whether commands can run that were not found. */
  isOpaque: boolean;
  cwd?: string;
};

/** Limits of the search. Beyond them a command line is opaque; no person could read it either. */
const MAX_TEXT = 8_000;
const MAX_WORDS = 1_000;
const MAX_NESTED = 200;
const MAX_DEPTH = 2;

/** Finds all commands of a line, including those in the arguments of others. */
export function readCommandSubject(command: string, cwd?: string): CommandSubject {
  const subject: CommandSubject = { commands: [], texts: [{ text: command, isSure: true }], isOpaque: false, cwd };
  if (command.length > MAX_TEXT) subject.isOpaque = true;
  else collect(subject, command, { isSure: true, depth: 0 });
  return subject;
}

function collect(subject: CommandSubject, text: string, { isSure, depth }: { isSure: boolean; depth: number }) {
  const { commands, doubt } = readLine(text);
  if (isSure && doubt) subject.isOpaque = true;
  for (const all of commands) {
    const { words, isPlain } = strip(all);
    if (isSure && !isPlain) subject.isOpaque = true;
    const [program] = words;
    if (program === undefined) continue;
    if (words.length > MAX_WORDS || subject.commands.length > MAX_NESTED) {
      subject.isOpaque = true;
      return;
    }
    subject.commands.push({ words, isSure, isWrapper: runsWords(program) });
    subject.texts.push(...spell(words, subject.cwd).map((spelling) => ({ text: spelling, isSure })));
    if (isSure ? canRunAnother(words) : words.length > 1 && isUnmistakable(program)) subject.isOpaque = true;
    if (depth < MAX_DEPTH)
      for (const word of words.slice(1)) collectNested(subject, word, { isShell: isSure && runsText(program), depth });
  }
}

/** Collects commands in a word, which can be or contain a command line. */
function collectNested(subject: CommandSubject, word: string, { isShell, depth }: { isShell: boolean; depth: number }) {
  if (isShell && /\s/.test(word)) collect(subject, word, { isSure: true, depth: depth + 1 });
  // A quoted part can be one word of a command, or a whole command.
  for (const ends of [/[=!:,@%]+/g, /[=!:,@%'"]+/g]) {
    const parts = word.replace(ends, ';');
    if (parts !== word || /[\s;&|()]/.test(word)) collect(subject, parts, { isSure: false, depth: depth + 1 });
  }
}

/** Removes assignments and reserved words before the program. */
function strip(all: Word[]): { words: string[]; isPlain: boolean } {
  const at = all.findIndex((word) => !isAssignment(word) && !isReserved(word));
  const words = at < 0 ? [] : all.slice(at);
  return {
    words: words.map(({ text }) => text),
    isPlain: at === 0 && words.every(({ stars }) => stars.length === 0),
  };
}

/** Returns a command as text: as written, with normalized program and paths, and with absolute paths. */
function spell(words: string[], cwd?: string): string[] {
  const [program = '', ...others] = words;
  const name = toBaseName(program);
  return [
    words.join(' '),
    [name, ...others.map(straighten)].join(' '),
    ...(cwd === undefined ? [] : [[name, ...others.map((word) => toAbsolute(word, cwd))].join(' ')]),
  ];
}

const straighten = (word: string) => (word.includes('/') && !word.includes('://') ? normalizePath(word) || '/' : word);
const toAbsolute = (word: string, cwd: string) =>
  /^[-/]/.test(word) || word.includes('://') ? straighten(word) : normalizePath(`${cwd}/${word}`);

/** Returns the spellings of a word that are compared with a rule. */
export const spellWord = (word: string, cwd?: string) =>
  new Set([word, straighten(word), ...(cwd === undefined ? [] : [toAbsolute(word, cwd)])]);
