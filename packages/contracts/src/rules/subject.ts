import { type CommandOptions, isOption, readOptions } from './options.ts';
import { normalizePath, toBaseName } from './path.ts';
import { canRunAnother, isDistinctive, runsText, runsWords } from './programs.ts';
import { isAssignment, isReserved, readLine, type Word } from './shell-words.ts';
import type { Work } from './work.ts';

/** A word in the forms that are compared with rules. */
export type SpelledWord = {
  text: string;
  /** The last part of a path. */
  name: string;
  lowerCaseName: string;
  /** A path without `.`, `..` and double slashes; another word unchanged. */
  normalized: string;
  /** As an absolute path, when the command's folder is known. */
  absolute: string;
  /** The text, normalized and absolute, each different one once. */
  spellings: string[];
};

/** The arguments of a program. */
export type Arguments = {
  options: CommandOptions;
  /** The others. One that follows an option can be its value. */
  operands: { word: SpelledWord; canBeValue: boolean }[];
};

/** A command that is run, or that another command's arguments can make it run. */
export type FoundCommand = {
  words: SpelledWord[];
  /** Whether it is certain that the command is run. */
  isSure: boolean;
  /** Whether it runs the command in its arguments. */
  isWrapper: boolean;
  /** Returns the arguments of the word at an index, each computed once for all rules. */
  argumentsAt(index: number): Arguments;
};

/** The commands of a command line, as far as they are known. */
export type CommandSubject = {
  commands: FoundCommand[];
  /** The whole text, and each command in normalized spellings, with whether it is certain that it is run. */
  texts: Map<string, boolean>;
  /** Whether commands can run that were not found. */
  isOpaque: boolean;
};

/** Limits of the search. Beyond them a command line is opaque; no person could read it either. */
const MAX_TEXT = 8_000;
/** Words of all commands together. */
const MAX_WORDS = 200;
const MAX_DEPTH = 2;

type Search = { subject: CommandSubject; words: number; cwd?: string; work: Work };
type Place = { isSure: boolean; depth: number };

/** Finds all commands of a line, including those in the arguments of others. */
export function readCommandSubject(command: string, cwd: string | undefined, work: Work): CommandSubject {
  const subject: CommandSubject = { commands: [], texts: new Map([[command, true]]), isOpaque: false };
  const search = { subject, words: 0, cwd, work };
  if (command.length > MAX_TEXT || !collect(search, command, { isSure: true, depth: 0 })) subject.isOpaque = true;
  return subject;
}

/** Returns false when a limit is reached. */
function collect(search: Search, text: string, place: Place): boolean {
  if (!search.work.spend(1 + text.length)) return false;
  const { commands, doubt } = readLine(text);
  if (place.isSure && doubt) search.subject.isOpaque = true;
  return commands.every((words) => collectCommand(search, words, place));
}

function collectCommand(search: Search, all: Word[], { isSure, depth }: Place): boolean {
  const { subject } = search;
  const { words, isPlain } = strip(all);
  if (isSure && !isPlain) subject.isOpaque = true;
  const [program, ...others] = words;
  if (program === undefined) return true;
  search.words += words.length;
  if (search.words > MAX_WORDS) return false;
  const spelled = words.map((word) => spell(word, search));
  if (search.work.isSpent()) return false;
  const argumentsAt = memoize((index) => readArguments(spelled.slice(index), search.work));
  subject.commands.push({ words: spelled, isSure, isWrapper: runsWords(program), argumentsAt });
  for (const spelling of joinSpellings(spelled))
    subject.texts.set(spelling, isSure || subject.texts.get(spelling) === true);
  if (isSure ? canRunAnother(words) : others.length > 0 && isDistinctive(program)) subject.isOpaque = true;
  if (depth === MAX_DEPTH) return true;
  const isShell = isSure && runsText(program);
  return [...new Set(others)].every((word) => collectNested(search, word, { isShell, depth: depth + 1 }));
}

/** Collects commands in a word, which can be or contain a command line. */
function collectNested(search: Search, word: string, { isShell, depth }: { isShell: boolean; depth: number }): boolean {
  const isRun = isShell && /\s/.test(word);
  if (isRun && !collect(search, word, { isSure: true, depth })) return false;
  // A quoted part can be one word of a command, or a whole command.
  const guesses = new Set([word.replace(/[=!:,@%]+/g, ';'), word.replace(/[=!:,@%'"]+/g, ';')]);
  if (isRun || !/[\s;&|()]/.test(word)) guesses.delete(word);
  return [...guesses].every((guess) => collect(search, guess, { isSure: false, depth }));
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

function spell(text: string, { cwd, work }: Search): SpelledWord {
  const isRelative = cwd !== undefined && !/^[-/]/.test(text) && !text.includes('://');
  work.spend((text.length + (isRelative ? cwd.length : 0)) / 4);
  const name = toBaseName(text);
  const normalized = text.includes('/') && !text.includes('://') ? normalizePath(text) || '/' : text;
  const absolute = isRelative ? normalizePath(`${cwd}/${text}`) : normalized;
  const spellings = [...new Set([text, normalized, absolute])];
  return { text, name, lowerCaseName: name.toLowerCase(), normalized, absolute, spellings };
}

/** Returns a command as text: as written, with normalized program and paths, and with absolute paths. */
function joinSpellings(words: SpelledWord[]): string[] {
  const [program, ...others] = words;
  return [
    words.map(({ text }) => text).join(' '),
    [program!.name, ...others.map(({ normalized }) => normalized)].join(' '),
    [program!.name, ...others.map(({ absolute }) => absolute)].join(' '),
  ];
}

function readArguments([program, ...others]: SpelledWord[], work: Work): Arguments {
  const texts = others.map(({ text }) => text);
  work.spend(1 + texts.join('').length / 4);
  return {
    options: readOptions(program!.name, texts),
    operands: others
      .map((word, at) => ({ word, canBeValue: at > 0 && isOption(texts[at - 1]!) }))
      .filter(({ word }) => !isOption(word.text)),
  };
}

/** Returns the function with its results remembered. */
function memoize<T>(read: (index: number) => T): (index: number) => T {
  const known = new Map<number, T>();
  return (index) => {
    if (!known.has(index)) known.set(index, read(index));
    return known.get(index)!;
  };
}
