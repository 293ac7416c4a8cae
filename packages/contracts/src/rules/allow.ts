import type { ApprovalKind } from '../chat-event.ts';
import { type Glob, isLike, toGlob } from './glob.ts';
import { isPathLike, isStraight } from './path.ts';
import { type PatternProblem, parseAllowPattern } from './pattern.ts';
import { canRunAnother } from './programs.ts';
import { type ParsedCommand, parseCommand } from './shell-words.ts';

/** The origin of a URL with the slash after it. */
const site = /^https?:\/\/[^/*?#@\\\s]+\//;

/**
 * Characters that a wildcard never matches, even in quotes, since many programs pass their arguments to a shell.
 * Invisible characters are not listed, since they already make a command unparsable.
 */
const shellSyntax = /[;&|<>$(){}`!]/;
/** Start of an option or a variable assignment. */
const optionLike = /^([-+]|\w+=)/;

/** Returns a test of whether an allow rule with a pattern matches the request. The request is parsed only once. */
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

/** Returns the reason why an allow rule with this pattern matches nothing; undefined when it can match. */
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

const mayBeAny = (word: string) => !shellSyntax.test(word);

function isAllowedWord(glob: Glob, word: string): boolean {
  if (glob.length === 1) return glob[0] === word;
  if (glob[0] === '' && optionLike.test(word)) return false;
  return isLike(glob, word, mayFillWord) && countSteps(word) === countSteps(glob.join('*'));
}

/** Returns whether a star can match `filling`: no blanks, and not nothing where that leaves only the folder's name. */
const mayFillWord = (filling: string, before: string) =>
  !shellSyntax.test(filling) && !filling.includes(' ') && (filling !== '' || /[^/=:,@]$/.test(before));

/** Counts the `.` and `..` segments of a word. */
const countSteps = (word: string) => word.split(/[/=:,@]/).filter((part) => part === '.' || part === '..').length;

function isAllowedAddress(pattern: string, address: string): boolean {
  // HTTP clients normalize `..` segments, so the fetched address would differ.
  const isPlain = URL.canParse(address) && new URL(address).href === address && !/(\.|%2e){2}/i.test(address);
  return (
    isPlain && site.test(pattern) && isLike(toGlob(pattern), address, (filling) => !/[\p{C}\s\\\uFFFD]/u.test(filling))
  );
}
