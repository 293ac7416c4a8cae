import { isLike, toGlob } from './glob.ts';
import { type Match, weakest } from './match.ts';

/** Short and long names of the same option, for programs that rules are often about. */
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
/** Programs that accept options without a dash in the first argument. */
const withoutDash = new Set(['tar', 'ar', 'ps']);

export const isOption = (word: string) => word.length > 1 && word.startsWith('-');

/** Compares the options of a pattern with those of a command, in any order and spelling. */
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
  // A few letters are a cluster of options; `-9`, `-delete` or `-n5` can be something else.
  return /^-[A-Za-z]{1,3}$/.test(wanted) ? match : 'maybe';
}

/** Compares one option by its short or long name. */
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
  // An option in the other form, long or short, can be the same one.
  return (name.length === 1 ? longs.length > 0 : letters !== '') ? 'maybe' : 'no';
}
