import type { ApprovalRule } from '../approval-rule.ts';
import { findAllowProblem } from './allow.ts';
import { type Glob, toGlob, wordToGlob } from './glob.ts';
import { isOption } from './options.ts';
import { type PatternProblem, parseAllowPattern } from './pattern.ts';
import { readLine } from './shell-words.ts';

/** One word of a pattern. */
export type PatternPart =
  /** This word exactly. */
  | { type: 'word'; text: string }
  /** A word with a star. */
  | { type: 'part'; text: string }
  /** Any one word. */
  | { type: 'one' }
  /** Any number of further words. */
  | { type: 'rest' };

/** Meaning of a rule, independent of a language. */
export type PatternExplanation =
  /** An allow of one program with these words. */
  | { scope: 'words'; parts: PatternPart[] }
  /** An allow of any program; with `rest` it may have arguments. */
  | { scope: 'any'; rest: boolean }
  /** An allow of one text, byte for byte. */
  | { scope: 'text'; text: string }
  /** A deny or ask: a program in any spelling, with these options in any order and these words in this order. */
  | { scope: 'spellings'; program: string; options: string[]; parts: PatternPart[] }
  /** A deny or ask of a text: of several commands in one line, or of a text anywhere in the line. */
  | { scope: 'line'; text: string }
  | { scope: 'everything' }
  /** A path. `one`: it has a star for a part of a name; `deep`: it has two stars, which cross folders. */
  | { scope: 'path'; one: boolean; deep: boolean }
  | { scope: 'address' }
  | { scope: 'nothing'; problem: PatternProblem };

/** Explains a rule as parts, which the page translates. */
export function explainPattern({ kind, pattern, action }: ApprovalRule): PatternExplanation {
  const problem = action === 'allow' ? findAllowProblem(kind, pattern) : undefined;
  if (problem) return { scope: 'nothing', problem };
  if (action !== 'allow' && /^\*+$/.test(pattern)) return { scope: 'everything' };
  if (kind === 'fetch') return { scope: 'address' };
  if (kind === 'write') return { scope: 'path', one: /(^|[^*])\*([^*]|$)/.test(pattern), deep: pattern.includes('**') };
  return action === 'allow' ? explainAllow(pattern) : explainSpellings(pattern);
}

function explainAllow(pattern: string): PatternExplanation {
  const parsed = parseAllowPattern(pattern);
  if (parsed.scope !== 'words') return parsed;
  const parts = parsed.words.map(toPart);
  return { scope: 'words', parts: parsed.rest ? [...parts, { type: 'rest' }] : parts };
}

function explainSpellings(pattern: string): PatternExplanation {
  const { commands } = readLine(pattern);
  const [words] = commands;
  // A pattern that begins with a star is compared with the text.
  if (commands.length !== 1 || !words || pattern.startsWith('*')) return { scope: 'line', text: pattern };
  const [program, ...args] = words.map((word) => ({ text: wordToGlob(word).join('*'), glob: wordToGlob(word) }));
  return {
    scope: 'spellings',
    program: program!.text,
    options: args.filter(({ text }) => isOption(text)).map(({ text }) => text),
    parts: args.filter(({ text }) => !isOption(text) && !/^\*+$/.test(text)).map(({ glob }) => toPart(glob)),
  };
}

function toPart(glob: Glob): PatternPart {
  if (glob.length === 1) return { type: 'word', text: glob[0]! };
  return glob.every((piece) => piece === '') ? { type: 'one' } : { type: 'part', text: glob.join('*') };
}

/** Replaces each star of a pattern with `filling`. */
export const fillGlob = (glob: Glob | string, filling: string) =>
  (typeof glob === 'string' ? toGlob(glob) : glob).join(filling);
