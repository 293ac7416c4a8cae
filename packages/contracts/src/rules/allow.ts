import type { ApprovalKind } from '../chat-event.ts';
import { hasInvisible } from '../invisible.ts';
import { type Glob, toGlob } from './glob.ts';
import { isNormalizedPath, matchesPath } from './path.ts';
import { findOrigin, type PatternProblem, parseAllowPattern } from './pattern.ts';
import { canRunAnother } from './programs.ts';
import { parseCommand } from './shell-words.ts';
import type { Work } from './work.ts';

/**
 * Characters that a wildcard never matches, even in quotes, since many programs pass their arguments to a shell.
 * Invisible characters are not listed, since they already make a command unparsable.
 */
const SHELL_SYNTAX = /[;&|<>$(){}`!]/;
/** Start of an option or a variable assignment. */
const OPTION_LIKE = /^([-+]|\w+=)/;

/** Returns a test of whether an allow rule with a pattern matches the request. The request is parsed only once. */
export function matchAllow(kind: ApprovalKind, subject: string, work: Work): (pattern: string) => boolean {
  if (kind === 'write') {
    const isPlain = isNormalizedPath(subject) && !hasInvisible(subject) && !/[\t\n]/.test(subject);
    return (pattern) => isPlain && matchesPath(pattern, subject, work);
  }
  if (kind === 'fetch') {
    const isPlain = isPlainAddress(subject);
    return (pattern) => isPlain && isAllowedAddress(pattern, subject, work);
  }
  let parsed: SimpleCommand | undefined;
  return (pattern) => {
    parsed ??= readSimpleCommand(subject);
    return isAllowedCommand(pattern, subject, parsed, work);
  };
}

/** Returns the reason why an allow rule with this pattern matches nothing; undefined when it can match. */
export function findAllowProblem(kind: ApprovalKind, pattern: string): PatternProblem | undefined {
  if (kind === 'fetch') return findOrigin(pattern) ? undefined : 'site';
  if (kind === 'write') return isNormalizedPath(pattern) ? undefined : 'path';
  const parsed = parseAllowPattern(pattern);
  return parsed.scope === 'nothing' ? parsed.problem : undefined;
}

/** A command of which all words are known. For other commands, `words` is empty. */
type SimpleCommand = {
  words: string[];
  /** Index after the last word that no wildcard matches. */
  afterSyntax: number;
  /** True when a pattern for any program matches. */
  isAny: boolean;
};

function readSimpleCommand(command: string): SimpleCommand {
  const parsed = parseCommand(command);
  const words = parsed.kind === 'simple' ? parsed.words : [];
  const afterSyntax = words.findLastIndex((word) => SHELL_SYNTAX.test(word)) + 1;
  return { words, afterSyntax, isAny: words.length > 0 && afterSyntax === 0 && !canRunAnother(words) };
}

function isAllowedCommand(pattern: string, command: string, parsed: SimpleCommand, work: Work): boolean {
  if (!work.spend(pattern.length)) return false;
  const allowed = parseAllowPattern(pattern);
  if (allowed.scope === 'nothing') return false;
  if (allowed.scope === 'text') return command === allowed.text;
  const { words, afterSyntax, isAny } = parsed;
  if (allowed.scope === 'any') return isAny && (allowed.rest || words.length === 1);
  const { words: globs, rest } = allowed;
  return (
    (rest ? words.length >= globs.length : words.length === globs.length) &&
    afterSyntax <= globs.length &&
    globs.every((glob, index) => isAllowedWord(glob, words[index]!, work))
  );
}

function isAllowedWord(glob: Glob, word: string, work: Work): boolean {
  if (glob.length === 1) return glob[0] === word;
  if (glob[0] === '' && OPTION_LIKE.test(word)) return false;
  if (!work.matchesPattern(glob, word, mayFillWord)) return false;
  return work.spend(word.length / 4) && countSteps(word) === countSteps(glob.join('*'));
}

/** Returns whether a star can match `filling`: no blanks, and no empty text after a separator, as in `/srv/tmp/`. */
const mayFillWord = (filling: string, before: string) =>
  !SHELL_SYNTAX.test(filling) && !filling.includes(' ') && (filling !== '' || /[^/=:,@]$/.test(before));

/** Counts the `.` and `..` segments of a word. */
const countSteps = (word: string) => word.split(/[/=:,@]/).filter((part) => part === '.' || part === '..').length;

/** Returns whether clients fetch exactly this address. They would normalize `..` segments, for example. */
const isPlainAddress = (address: string) =>
  URL.canParse(address) && new URL(address).href === address && !/(\.|%2e){2}/i.test(address);

/** Returns whether a pattern matches an address. A normalized address is ASCII, so it has no invisible characters. */
const isAllowedAddress = (pattern: string, address: string, work: Work) =>
  findOrigin(pattern) !== undefined &&
  work.matchesPattern(toGlob(pattern), address, (filling) => !filling.includes('\\'));
