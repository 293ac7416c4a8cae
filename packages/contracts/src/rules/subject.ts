import { normalizePath, toBaseName } from './path.ts';
import { canRunAnother, isUnmistakable, runsText, runsWords } from './programs.ts';
import { isAssignment, isReserved, readLine, type Word } from './shell-words.ts';

/** A command that is run, or that may be run by another one's words. */
export type FoundCommand = {
  words: string[];
  /** It is run as it stands there, by a shell if not by itself. */
  isSure: boolean;
  /** What it runs is what follows in its own words. */
  isWrapper: boolean;
};

/** What can be told of a command line. */
export type CommandSubject = {
  commands: FoundCommand[];
  /** The whole, and each command in other spellings of it. */
  texts: { text: string; isSure: boolean }[];
  /** Something else may run than what can be read. */
  isOpaque: boolean;
  cwd?: string;
};

/** More than this is not looked through: nothing that a person could read. */
const MAX_TEXT = 8_000;
const MAX_WORDS = 1_000;
const MAX_NESTED = 200;
const MAX_DEPTH = 2;

/** Finds every command of a line, those in the words of others too. */
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

/** A word can be a command line itself, or hold one. */
function collectNested(subject: CommandSubject, word: string, { isShell, depth }: { isShell: boolean; depth: number }) {
  if (isShell && /\s/.test(word)) collect(subject, word, { isSure: true, depth: depth + 1 });
  // What is quoted in it may be one word of a command, or a command.
  for (const ends of [/[=!:,@%]+/g, /[=!:,@%'"]+/g]) {
    const parts = word.replace(ends, ';');
    if (parts !== word || /[\s;&|()]/.test(word)) collect(subject, parts, { isSure: false, depth: depth + 1 });
  }
}

/** Without what stands before a program. */
function strip(all: Word[]): { words: string[]; isPlain: boolean } {
  const at = all.findIndex((word) => !isAssignment(word) && !isReserved(word));
  const words = at < 0 ? [] : all.slice(at);
  return {
    words: words.map(({ text }) => text),
    isPlain: at === 0 && words.every(({ stars }) => stars.length === 0),
  };
}

/** A command’s words as one text: as they are, with a program’s name and paths in one spelling, and from the root. */
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

/** The ways to write one word that a rule is compared with. */
export const spellWord = (word: string, cwd?: string) =>
  new Set([word, straighten(word), ...(cwd === undefined ? [] : [toAbsolute(word, cwd)])]);
