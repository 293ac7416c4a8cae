import type { ApprovalKind } from '../chat-event.ts';
import { type Glob, isLike, toGlob } from './glob.ts';
import { isPathLike, isStraight } from './path.ts';
import { type PatternProblem, parseAllowPattern } from './pattern.ts';
import { canRunAnother } from './programs.ts';
import { type ParsedCommand, parseCommand } from './shell-words.ts';

/** A site, up to the slash after it. */
const site = /^https?:\/\/[^/*?#@\\\s]+\//;

/**
 * What a word is never to have that a wildcard stands for, also in quotes: many programs hand their words to a shell.
 * Anything nobody can see makes a command unparsable before.
 */
const forShells = /[;&|<>$(){}`!]/;
/** How an option begins, and a variable. */
const optionLike = /^([-+]|\w+=)/;

/** Reads what is asked once, for a test of each pattern: whether an allow with it is for that. */
export function readAllowed(kind: ApprovalKind, subject: string): (pattern: string) => boolean {
  if (kind === 'write') {
    const isPlain = isStraight(subject) && !/[\p{C}\uFFFD]/u.test(subject);
    return (pattern) => isPlain && isPathLike(pattern, subject);
  }
  if (kind === 'fetch') return (pattern) => isAllowedAddress(pattern, subject);
  let parsed: ParsedCommand | undefined;
  return (pattern) => {
    parsed ??= parseCommand(subject);
    return isAllowedCommand(pattern, subject, parsed);
  };
}

/** Why an allow with this pattern is for nothing. */
export function findAllowProblem(kind: ApprovalKind, pattern: string): PatternProblem | undefined {
  if (kind === 'fetch') return site.test(pattern) ? undefined : 'site';
  if (kind === 'write') return isStraight(pattern) ? undefined : 'path';
  const parsed = parseAllowPattern(pattern);
  return parsed.scope === 'nothing' ? parsed.problem : undefined;
}

function isAllowedCommand(pattern: string, command: string, parsed: ParsedCommand): boolean {
  const wanted = parseAllowPattern(pattern);
  if (wanted.scope === 'nothing') return false;
  if (wanted.scope === 'text') return command === wanted.text;
  if (parsed.kind !== 'simple') return false;
  const { words } = parsed;
  if (wanted.scope === 'any')
    return (wanted.rest || words.length === 1) && words.every(mayBeAny) && !canRunAnother(words);
  const { words: globs, rest } = wanted;
  return (
    (rest ? words.length >= globs.length : words.length === globs.length) &&
    globs.every((glob, index) => isAllowedWord(glob, words[index]!)) &&
    words.slice(globs.length).every(mayBeAny)
  );
}

const mayBeAny = (word: string) => !forShells.test(word);

function isAllowedWord(glob: Glob, word: string): boolean {
  if (glob.length === 1) return glob[0] === word;
  if (glob[0] === '' && optionLike.test(word)) return false;
  return isLike(glob, word, mayFillWord) && countSteps(word) === countSteps(glob.join('*'));
}

/** A star stands for no blank, and not for nothing where that would name the folder that it is to be in. */
const mayFillWord = (filling: string, before: string) =>
  !forShells.test(filling) && !filling.includes(' ') && (filling !== '' || /[^/=:,@]$/.test(before));

/** How many of a word's folders are `.` or `..`. */
const countSteps = (word: string) => word.split(/[/=:,@]/).filter((part) => part === '.' || part === '..').length;

function isAllowedAddress(pattern: string, address: string): boolean {
  // What leaves its folder is written otherwise by whoever fetches it.
  const isPlain = URL.canParse(address) && new URL(address).href === address && !/(\.|%2e){2}/i.test(address);
  return (
    isPlain && site.test(pattern) && isLike(toGlob(pattern), address, (filling) => !/[\p{C}\s\\\uFFFD]/u.test(filling))
  );
}
