import type { ApprovalRule } from '../approval-rule.ts';
import { findAllowProblem } from './allow.ts';
import { type Glob, toGlob, wordToGlob } from './glob.ts';
import { isOption } from './options.ts';
import { type PatternProblem, parseAllowPattern } from './pattern.ts';
import { readLine } from './shell-words.ts';

/** One word of a pattern. */
export type PatternPart =
  /** Exactly this. */
  | { type: 'word'; text: string }
  /** A word that may differ where the star is. */
  | { type: 'part'; text: string }
  /** Any one word. */
  | { type: 'one' }
  /** Any more words. */
  | { type: 'rest' };

/** What a rule is for, without the words of any language. */
export type PatternExplanation =
  /** An allow of one program, word by word. */
  | { scope: 'words'; parts: PatternPart[] }
  /** An allow of any program, with any words or alone. */
  | { scope: 'any'; rest: boolean }
  /** An allow of one text, byte for byte. */
  | { scope: 'text'; text: string }
  /** A deny or an ask: a program in all spellings, with these options in any order, and these words in theirs. */
  | { scope: 'spellings'; program: string; options: string[]; parts: PatternPart[] }
  /** A deny or an ask that goes by what is written: for several commands in one line, or for a text anywhere. */
  | { scope: 'line'; text: string }
  | { scope: 'everything' }
  /** `one`: a star is a part of one name; `deep`: two go through folders. */
  | { scope: 'path'; one: boolean; deep: boolean }
  | { scope: 'address' }
  | { scope: 'nothing'; problem: PatternProblem };

/** Explains what a rule stands for, as parts that a page puts into words. */
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
  // With a star before its first letter it goes by the text, wherever that stands.
  if (commands.length !== 1 || !words || pattern.startsWith('*')) return { scope: 'line', text: pattern };
  const [program, ...others] = words.map((word) => ({ text: wordToGlob(word).join('*'), glob: wordToGlob(word) }));
  return {
    scope: 'spellings',
    program: program!.text,
    options: others.filter(({ text }) => isOption(text)).map(({ text }) => text),
    parts: others.filter(({ text }) => !isOption(text) && !/^\*+$/.test(text)).map(({ glob }) => toPart(glob)),
  };
}

function toPart(glob: Glob): PatternPart {
  if (glob.length === 1) return { type: 'word', text: glob[0]! };
  return glob.every((piece) => piece === '') ? { type: 'one' } : { type: 'part', text: glob.join('*') };
}

/** A pattern without its stars, each of them filled. */
export const fillGlob = (glob: Glob | string, filling: string) =>
  (typeof glob === 'string' ? toGlob(glob) : glob).join(filling);
