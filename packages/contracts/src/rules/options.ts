import { isLike, toGlob } from './glob.ts';
import { type Match, weakest } from './match.ts';

/** The same option by its letters and its long names, of programs that rules are written about. */
const synonyms = new Map(
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
  }),
);
/** Take a first word of letters for their options. */
const withoutDash = new Set(['tar', 'ar', 'ps']);

export const isOption = (word: string) => word.length > 1 && word.startsWith('-');

/** Whether a command has the options that a pattern names, in whatever order and spelling. */
export function compareOptions(wanted: string[], words: readonly string[]): Match {
  const [program = '', ...others] = words;
  const options = others.filter((word) => isOption(word) && word !== '--');
  if (withoutDash.has(program) && /^[A-Za-z]+$/.test(others[0] ?? '')) options.push(`-${others[0]}`);
  return weakest(wanted.map((option) => compareOption(option, options, synonyms.get(program) ?? [])));
}

function compareOption(wanted: string, options: string[], known: string[]): Match {
  const glob = toGlob(wanted);
  if (options.some((option) => isLike(glob, option))) return 'yes';
  if (options.length === 0) return 'no';
  if (wanted.startsWith('--')) {
    const [name = '', value] = wanted.slice(2).replace(/\*.*/, '').split('=');
    const match = compareName(name, options, known);
    return match === 'yes' && value !== undefined ? 'maybe' : match;
  }
  const letters = [...wanted.slice(1)];
  const match = weakest(letters.map((letter) => compareName(letter, options, known)));
  // A cluster of a few letters is that; `-9`, `-delete` or `-n5` may be something else.
  return /^-[A-Za-z]{1,3}$/.test(wanted) ? match : 'maybe';
}

/** One option by its name, which is a letter or a long one. */
function compareName(name: string, options: string[], known: string[]): Match {
  const group = known.map((names) => names.split(' ')).find((names) => names.includes(name));
  const names = group ?? [name];
  const longs = options.filter((option) => option.startsWith('--')).map((option) => option.slice(2).split('=')[0]!);
  const letters = options.filter((option) => !option.startsWith('--')).join('');
  const isGiven = names.some((one) =>
    one.length === 1 ? letters.includes(one) : longs.some((long) => long !== '' && one.startsWith(long)),
  );
  if (isGiven) return 'yes';
  if (group) return 'no';
  // What is written the other way may be the same one.
  return (name.length === 1 ? longs.length > 0 : letters !== '') ? 'maybe' : 'no';
}
