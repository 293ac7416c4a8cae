import { type Glob, wordToGlob } from './glob.ts';
import { parseWords } from './shell-words.ts';

/** Reason why a pattern matches nothing. */
export type PatternProblem = 'invisible' | 'operator' | 'program' | 'rest' | 'path' | 'site';

/** The parsed pattern of an allow rule for commands. */
export type AllowPattern =
  /** These words; with `rest`, any further ones. */
  | { scope: 'words'; words: Glob[]; rest: boolean }
  /** Any program that cannot run another one; with `rest`, it may have arguments. */
  | { scope: 'any'; rest: boolean }
  /** This text exactly. */
  | { scope: 'text'; text: string }
  | { scope: 'nothing'; problem: PatternProblem };

/** Parses the pattern of an allow rule for commands. */
export function parseAllowPattern(pattern: string): AllowPattern {
  const parsed = parseWords(pattern);
  if (!('words' in parsed))
    return pattern.includes('*') ? { scope: 'nothing', problem: 'operator' } : { scope: 'text', text: pattern };
  const [program, ...args] = parsed.words.map((word) => ({ ...word, isRest: /^\*{2,}$/.test(word.raw) }));
  if (args.length === 0 && /^\*+$/.test(program!.raw)) return { scope: 'any', rest: program!.isRest };
  if (program!.stars.length > 0) return { scope: 'nothing', problem: 'program' };
  const rest = args.at(-1)?.isRest ?? false;
  const words = rest ? args.slice(0, -1) : args;
  if (words.some(({ isRest }) => isRest)) return { scope: 'nothing', problem: 'rest' };
  return { scope: 'words', words: [program!, ...words].map(wordToGlob), rest };
}

/** Removes insignificant blanks: at the ends and, in a single command, between the words. */
export function normalizePattern(pattern: string, isCommand: boolean): string {
  const trimmed = pattern.trim();
  if (!isCommand) return trimmed;
  const parsed = parseWords(trimmed.replaceAll('\t', ' '));
  return 'words' in parsed ? parsed.words.map(({ raw }) => raw).join(' ') : trimmed;
}

/** Returns the origin that an address pattern begins with; undefined unless it is complete, with a slash after it. */
export const findOrigin = (pattern: string) => /^(https?:\/\/[^/*?#@\\\s]+)\//.exec(pattern)?.[1];
