import { type Glob, isLike, toGlob, wordToGlob } from './glob.ts';
import { type Match, strongest, weakest } from './match.ts';
import { compareOptions, isOption } from './options.ts';
import { normalizePath, toBaseName } from './path.ts';
import { readLine, type Word } from './shell-words.ts';
import { type CommandSubject, type FoundCommand, spellWord } from './subject.ts';

/** A command as a deny or ask rule names it. Extra words match too, and options have no order. */
type Wanted = {
  program: Glob;
  options: string[];
  operands: { glob: Glob /** A star precedes it. */; afterGap: boolean }[];
};

/** Maximum number of words at which the program can start; with more, the match is unclear. */
const MAX_PLACES = 50;

/** Compares a deny or ask pattern with a command line: with its text, and with each of its commands in any spelling. */
export function compareCommand(pattern: string, subject: CommandSubject): Match {
  const glob = toGlob(pattern);
  const byText = subject.texts.filter(({ text }) => isLike(glob, text));
  if (byText.some(({ isSure }) => isSure)) return 'yes';
  const wanted = readLine(pattern).commands.map(toWanted);
  const matches = wanted.map((one) =>
    strongest(subject.commands.map((command) => compareFound(one, command, subject.cwd))),
  );
  // Matches of several commands are unclear, since only the text shows that they belong together.
  const byWords = matches.length > 1 ? weakest([...matches, 'maybe']) : strongest(matches);
  return strongest([byWords, byText.length > 0 || subject.isOpaque ? 'maybe' : 'no']);
}

function toWanted([program, ...others]: Word[]): Wanted {
  const wanted: Wanted = { program: wordToGlob(program!), options: [], operands: [] };
  let afterGap = false;
  for (const word of others) {
    if (isOption(word.text)) wanted.options.push(word.text);
    else if (!/^\*+$/.test(word.raw)) wanted.operands.push({ glob: wordToGlob(word), afterGap });
    afterGap = /^\*+$/.test(word.raw);
  }
  return wanted;
}

/** Compares at every word, since some programs run the words that follow. */
function compareFound(wanted: Wanted, { words, isSure, isWrapper }: FoundCommand, cwd?: string): Match {
  const isAny = wanted.program.every((piece) => piece === '');
  const isText = wanted.program[0] === '';
  const places = words.flatMap((word, at) => {
    const match = at > 0 && isAny ? 'no' : compareProgram(wanted.program, word);
    return match === 'no' || (at > 0 && isText && match === 'maybe') ? [] : [{ at, match }];
  });
  if (places.length > MAX_PLACES) return 'maybe';
  return strongest(
    places.map(({ at, match }) => {
      const whole = weakest([match, compareArguments(wanted, words.slice(at), cwd)]);
      return whole === 'yes' && (!isSure || (at > 0 && !isWrapper)) ? 'maybe' : whole;
    }),
  );
}

/** Compares a program by its name, in any folder. Another case is unclear, since some systems ignore case. */
function compareProgram(wanted: Glob, word: string): Match {
  const name = toBaseName(word);
  const pattern = wanted.join('*');
  if (!pattern.includes('/')) {
    if (isLike(wanted, name)) return 'yes';
    return isLike(toGlob(pattern.toLowerCase()), name.toLowerCase()) ? 'maybe' : 'no';
  }
  if (isLike(wanted, word) || isLike(wanted, normalizePath(word))) return 'yes';
  return isLike(toGlob(toBaseName(pattern)), name) ? 'maybe' : 'no';
}

function compareArguments({ options, operands }: Wanted, words: string[], cwd?: string): Match {
  const program = toBaseName(words[0]!);
  const matches = compareOptions(options, [program, ...words.slice(1)]);
  return matches === 'no' ? 'no' : weakest([matches, compareOperands(operands, words.slice(1), cwd)]);
}

/** Compares operands in order. A word between two of them can be the value of an option. */
function compareOperands(wanted: Wanted['operands'], words: string[], cwd?: string): Match {
  const given = words
    .map((word, at) => ({ spellings: spellWord(word, cwd), isValue: at > 0 && isOption(words[at - 1]!), word }))
    .filter(({ word }) => !isOption(word));
  let from = 0;
  let match: Match = 'yes';
  for (const { glob, afterGap } of wanted) {
    const at = given.findIndex(
      ({ spellings }, index) => index >= from && [...spellings].some((text) => isLike(glob, text)),
    );
    if (at < 0) return words.some((word) => isOption(word) && isLike(['', ...glob, ''], word)) ? 'maybe' : 'no';
    if (!afterGap && given.slice(from, at).some(({ isValue }) => !isValue)) match = 'maybe';
    from = at + 1;
  }
  return match;
}

/** Compares a deny or ask pattern with a path. A pattern for a folder also matches everything in it. */
export function comparePath(pattern: string, path: string): Match {
  const isIn = (wanted: string, text: string) => isLike(toGlob(wanted), text) || isLike(toGlob(`${wanted}/*`), text);
  const spelled = normalizePath(path);
  if (isIn(pattern, path) || isIn(pattern, spelled)) return 'yes';
  const isUnclear = !path.startsWith('/') || path.split('/').includes('..');
  return isUnclear || isIn(pattern.toLowerCase(), spelled.toLowerCase()) ? 'maybe' : 'no';
}

/** Compares a deny or ask pattern with an address. The same host in another notation is unclear. */
export function compareAddress(pattern: string, address: string): Match {
  if (isLike(toGlob(pattern), address)) return 'yes';
  if (!URL.canParse(address)) return 'maybe';
  const { href, protocol, hostname, pathname, search } = new URL(address);
  const host = hostname.replace(/\.$/, '');
  if (isLike(toGlob(pattern), href) || isLike(toGlob(pattern), `${protocol}//${host}${pathname}${search}`))
    return 'yes';
  const withoutScheme = (text: string) => text.toLowerCase().replace(/^https?:\/\//, '');
  return isLike(toGlob(withoutScheme(pattern)), withoutScheme(`${protocol}//${host}${pathname}${search}`))
    ? 'maybe'
    : 'no';
}
