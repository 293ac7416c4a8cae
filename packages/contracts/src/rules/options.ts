import { type Glob, toGlob } from './glob.ts';
import { type Match, weakest } from './match.ts';
import type { Work } from './work.ts';

/** Short and long names of the same option, for programs that rules are often about. */
const SYNONYMS = new Map(
  Object.entries({
    rm: ['r R recursive', 'f force', 'd dir', 'i interactive', 'v verbose'],
    cp: ['r R recursive', 'f force', 'a archive', 'v verbose'],
    mv: ['f force', 'n no-clobber', 'v verbose'],
    ln: ['s symbolic', 'f force', 'v verbose'],
    chmod: ['R recursive', 'v verbose'],
    chown: ['R recursive', 'v verbose'],
    chgrp: ['R recursive', 'v verbose'],
    sed: ['i in-place', 'n quiet silent', 'e expression'],
    git: ['f force', 'd delete', 'n dry-run', 'a all', 'q quiet', 'v verbose'],
    docker: ['f force', 'v volumes', 'a all'],
    apt: ['y yes assume-yes'],
    'apt-get': ['y yes assume-yes'],
  }).map(([program, groups]) => [program, groups.map((names) => names.split(' '))]),
);
/** Programs that accept options without a dash in the first argument. */
const DASHLESS_PROGRAMS = new Set(['tar', 'ar', 'ps']);

/** Returns whether a word has the form of an option. */
export const isOption = (word: string) => word.length > 1 && word.startsWith('-');

/** The options of a command. */
export type CommandOptions = {
  words: string[];
  /** Names of the long options. */
  longs: string[];
  /** Letters of the short options. */
  letters: Set<string>;
  /** Names of the same option, for each option of the program with several names. */
  synonyms: string[][];
};

/** Reads the options among the arguments of a program. */
export function readOptions(program: string, args: readonly string[]): CommandOptions {
  const words = args.filter((word) => isOption(word) && word !== '--');
  if (DASHLESS_PROGRAMS.has(program) && /^[A-Za-z]+$/.test(args[0] ?? '')) words.push(`-${args[0]}`);
  return {
    words,
    longs: words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=', 1)[0]!),
    letters: new Set(words.filter((word) => !word.startsWith('--')).join('')),
    synonyms: SYNONYMS.get(program) ?? [],
  };
}

/** An option of a pattern. */
export type PatternOption = {
  glob: Glob;
  /** The name of a long option, or the letters of a cluster of short ones. */
  names: string[];
  /** True when a command can spell the option in ways that these names do not cover. */
  isUnclear: boolean;
};

/** Parses an option of a pattern. */
export function parsePatternOption(text: string): PatternOption {
  const glob = toGlob(text);
  if (!text.startsWith('--')) {
    // A few letters are a cluster of options; `-9`, `-delete` or `-n5` can be something else.
    const isCluster = /^-[A-Za-z]{1,3}$/.test(text);
    return { glob, names: isCluster ? [...text.slice(1)] : [], isUnclear: !isCluster };
  }
  const [name = '', value] = text.slice(2).replace(/\*.*/, '').split('=');
  return { glob, names: [name], isUnclear: value !== undefined };
}

/** Compares the options of a pattern with those of a command, in any order and spelling. */
export const compareOptions = (pattern: PatternOption[], options: CommandOptions, work: Work): Match =>
  weakest(pattern.map((option) => compareOption(option, options, work)));

function compareOption({ glob, names, isUnclear }: PatternOption, options: CommandOptions, work: Work): Match {
  if (options.words.some((word) => work.matchesPattern(glob, word))) return 'yes';
  if (options.words.length === 0) return 'no';
  const match = weakest(names.map((name) => compareName(name, options, work)));
  return match === 'yes' && isUnclear ? 'maybe' : match;
}

/** Compares one option by its short or long name. */
function compareName(name: string, { longs, letters, synonyms }: CommandOptions, work: Work): Match {
  if (!work.spend(1 + longs.length)) return 'maybe';
  const group = synonyms.find((names) => names.includes(name));
  const isPresent = (group ?? [name]).some((synonym) =>
    synonym.length === 1 ? letters.has(synonym) : longs.some((long) => long !== '' && synonym.startsWith(long)),
  );
  if (isPresent) return 'yes';
  if (group) return 'no';
  // An option in the other form, long or short, can be the same one.
  return (name.length === 1 ? longs.length > 0 : letters.size > 0) ? 'maybe' : 'no';
}
