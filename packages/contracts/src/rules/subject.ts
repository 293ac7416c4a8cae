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
  /** The normalized absolute path, when the command's folder is known. */
  absolute: string;
  /** The text, normalized and absolute, each different one once. */
  spellings: string[];
};

/** The arguments of a program. */
export type Arguments = {
  options: CommandOptions;
  /** The other arguments. An operand after an option can be the option's value. */
  operands: { word: SpelledWord; canBeValue: boolean }[];
};

/** A command that runs, or that another command can run because of its arguments. */
export type FoundCommand = {
  words: SpelledWord[];
  /** False when it is uncertain that the command runs. */
  isSure: boolean;
  /** True when the program runs the command in its arguments. */
  isWrapper: boolean;
  /** Returns the arguments of the word at an index, each computed once for all rules. */
  argumentsAt(index: number): Arguments;
};

/** The known commands of a command line. */
export type CommandSubject = {
  commands: FoundCommand[];
  /** The whole text, and each command in normalized spellings, with whether it is certain that it is run. */
  texts: Map<string, boolean>;
  /** True when unknown commands can run. */
  isOpaque: boolean;
};

/** Maximum length of a command line. Beyond these limits it is opaque; no person could read it either. */
const MAX_TEXT = 8_000;
/** Maximum number of words of all commands. */
const MAX_WORDS = 200;
const MAX_DEPTH = 2;

type Search = { subject: CommandSubject; words: number; cwd?: string; work: Work };
type Position = { isSure: boolean; depth: number };

/** Finds all commands of a line, including those in the arguments of other commands. */
export function readCommandSubject(command: string, cwd: string | undefined, work: Work): CommandSubject {
  const subject: CommandSubject = { commands: [], texts: new Map([[command, true]]), isOpaque: false };
  const search = { subject, words: 0, cwd, work };
  if (command.length > MAX_TEXT || !collect(search, command, { isSure: true, depth: 0 })) subject.isOpaque = true;
  return subject;
}

/** Collects the commands of a text. Returns false when a limit is reached. */
function collect(search: Search, text: string, position: Position): boolean {
  if (!search.work.spend(1 + text.length)) return false;
  const { commands, doubt } = readLine(text);
  if (position.isSure && doubt) search.subject.isOpaque = true;
  return commands.every((words) => collectCommand(search, words, position));
}

function collectCommand(search: Search, all: Word[], { isSure, depth }: Position): boolean {
  const { subject } = search;
  const { words, isPlain } = strip(all);
  if (isSure && !isPlain) subject.isOpaque = true;
  const [program, ...args] = words;
  if (program === undefined) return true;
  search.words += words.length;
  if (search.words > MAX_WORDS) return false;
  const spelled = words.map((word) => spell(word, search));
  if (search.work.isSpent()) return false;
  const argumentsAt = memoize((index) => readArguments(spelled.slice(index), search.work));
  subject.commands.push({ words: spelled, isSure, isWrapper: runsWords(program), argumentsAt });
  for (const spelling of joinSpellings(spelled))
    subject.texts.set(spelling, isSure || subject.texts.get(spelling) === true);
  if (isSure ? canRunAnother(words) : args.length > 0 && isDistinctive(program)) subject.isOpaque = true;
  if (depth === MAX_DEPTH) return true;
  const isShell = isSure && runsText(program);
  return [...new Set(args)].every((word) => collectNested(search, word, { isShell, depth: depth + 1 }));
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
  const [program, ...args] = words;
  return [
    words.map(({ text }) => text).join(' '),
    [program!.name, ...args.map(({ normalized }) => normalized)].join(' '),
    [program!.name, ...args.map(({ absolute }) => absolute)].join(' '),
  ];
}

function readArguments([program, ...args]: SpelledWord[], work: Work): Arguments {
  const texts = args.map(({ text }) => text);
  work.spend(1 + texts.join('').length / 4);
  return {
    options: readOptions(program!.name, texts),
    operands: args
      .map((word, at) => ({ word, canBeValue: at > 0 && isOption(texts[at - 1]!) }))
      .filter(({ word }) => !isOption(word.text)),
  };
}

function memoize<T>(compute: (index: number) => T): (index: number) => T {
  const cache = new Map<number, T>();
  return (index) => {
    if (!cache.has(index)) cache.set(index, compute(index));
    return cache.get(index)!;
  };
}
