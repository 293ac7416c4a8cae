import { type Glob, toGlob, wordToGlob } from './glob.ts';
import { type Match, strongest, weakest } from './match.ts';
import { compareOptions, isOption, type PatternOption, parsePatternOption } from './options.ts';
import { toBaseName } from './path.ts';
import { readLine, type Word } from './shell-words.ts';
import type { Arguments, CommandSubject, FoundCommand, SpelledWord } from './subject.ts';
import type { Work } from './work.ts';

/** A command as a deny or ask rule names it. Extra words match too, and options have no order. */
type Wanted = {
  program: WantedProgram;
  options: PatternOption[];
  operands: { glob: Glob /** A star precedes it. */; afterGap: boolean }[];
};
type WantedProgram = {
  glob: Glob;
  /** Whether it has a folder. */
  isPath: boolean;
  /** Similar programs: in lower case, or in another folder. */
  similar: Glob;
};

/** Maximum number of words at which the program can start; with more, the match is unclear. */
const MAX_PLACES = 50;

/** Compares a deny or ask pattern with a command line: with its text, and with each of its commands in any spelling. */
export function compareCommand(pattern: string, subject: CommandSubject, work: Work): Match {
  const glob = toGlob(pattern);
  const byText = [...subject.texts].filter(([text]) => work.matchesPattern(glob, text));
  if (byText.some(([, isSure]) => isSure)) return 'yes';
  if (!work.spend(pattern.length)) return 'maybe';
  const wanted = readLine(pattern).commands.map(toWanted);
  const matches = wanted.map((one) => strongest(subject.commands.map((command) => compareFound(one, command, work))));
  // Matches of several commands are unclear, since only the text shows that they belong together.
  const byWords = matches.length > 1 ? weakest([...matches, 'maybe']) : strongest(matches);
  return strongest([byWords, byText.length > 0 || subject.isOpaque ? 'maybe' : 'no']);
}

function toWanted([program, ...others]: Word[]): Wanted {
  const wanted: Wanted = { program: toWantedProgram(wordToGlob(program!)), options: [], operands: [] };
  let afterGap = false;
  for (const word of others) {
    if (isOption(word.text)) wanted.options.push(parsePatternOption(word.text));
    else if (!/^\*+$/.test(word.raw)) wanted.operands.push({ glob: wordToGlob(word), afterGap });
    afterGap = /^\*+$/.test(word.raw);
  }
  return wanted;
}

function toWantedProgram(glob: Glob): WantedProgram {
  const text = glob.join('*');
  const isPath = text.includes('/');
  return { glob, isPath, similar: toGlob(isPath ? toBaseName(text) : text.toLowerCase()) };
}

/** Compares at every word, since some programs run the words that follow. */
function compareFound({ program, options, operands }: Wanted, command: FoundCommand, work: Work): Match {
  const { words, isSure, isWrapper, argumentsAt } = command;
  const isAny = program.glob.every((piece) => piece === '');
  const isText = program.glob[0] === '';
  const places = words.flatMap((word, at) => {
    const match = at > 0 && isAny ? 'no' : compareProgram(program, word, work);
    return match === 'no' || (at > 0 && isText && match === 'maybe') ? [] : [{ at, match }];
  });
  if (places.length > MAX_PLACES) return 'maybe';
  return strongest(
    places.map(({ at, match }) => {
      const given = argumentsAt(at);
      const matchOfOptions = compareOptions(options, given.options, work);
      if (matchOfOptions === 'no') return 'no';
      const whole = weakest([match, matchOfOptions, compareOperands(operands, given, work)]);
      return whole === 'yes' && (!isSure || (at > 0 && !isWrapper)) ? 'maybe' : whole;
    }),
  );
}

/** Compares a program by its name, in any folder. Another case is unclear, since some systems ignore case. */
function compareProgram({ glob, isPath, similar }: WantedProgram, word: SpelledWord, work: Work): Match {
  if (!isPath) {
    if (work.matchesPattern(glob, word.name)) return 'yes';
    return work.matchesPattern(similar, word.lowerCaseName) ? 'maybe' : 'no';
  }
  if (work.matchesPattern(glob, word.text) || work.matchesPattern(glob, word.normalized)) return 'yes';
  return work.matchesPattern(similar, word.name) ? 'maybe' : 'no';
}

/** Compares operands in order. A word between two of them can be the value of an option. */
function compareOperands(wanted: Wanted['operands'], { operands, options }: Arguments, work: Work): Match {
  let at = 0;
  let match: Match = 'yes';
  for (const { glob, afterGap } of wanted) {
    const from = at;
    while (at < operands.length && !operands[at]!.word.spellings.some((text) => work.matchesPattern(glob, text))) at++;
    if (at === operands.length) {
      const inOption: Glob = ['', ...glob, ''];
      return options.words.some((word) => work.matchesPattern(inOption, word)) ? 'maybe' : 'no';
    }
    if (!afterGap && operands.slice(from, at).some(({ canBeValue }) => !canBeValue)) match = 'maybe';
    at++;
  }
  return match;
}
