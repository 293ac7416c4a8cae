import { type Glob, toGlob, wordToGlob } from './glob.ts';
import { type Match, strongest, weakest } from './match.ts';
import { compareOptions, isOption, type PatternOption, parsePatternOption } from './options.ts';
import { toBaseName } from './path.ts';
import { readLine, type Word } from './shell-words.ts';
import type { Arguments, CommandSubject, FoundCommand, SpelledWord } from './subject.ts';
import type { Work } from './work.ts';

/** A command in the pattern of a deny or ask rule. Extra words match too, and options have no order. */
type PatternCommand = {
  program: PatternProgram;
  options: PatternOption[];
  operands: PatternOperand[];
};
type PatternOperand = {
  glob: Glob;
  /** True when a star precedes the operand. */
  afterGap: boolean;
};
type PatternProgram = {
  glob: Glob;
  /** True when the pattern names the program with its folder. */
  isPath: boolean;
  /** Similar programs: in lower case, or in another folder. */
  similar: Glob;
};

/** Maximum number of words at which the program can start. With more, the match is unclear. */
const MAX_STARTS = 50;

/** Compares a deny or ask pattern with a command line: with its text, and with each of its commands in any spelling. */
export function compareCommand(pattern: string, subject: CommandSubject, work: Work): Match {
  const glob = toGlob(pattern);
  const byText = [...subject.texts].filter(([text]) => work.matchesPattern(glob, text));
  if (byText.some(([, isSure]) => isSure)) return 'yes';
  if (!work.spend(pattern.length)) return 'maybe';
  const matches = readLine(pattern)
    .commands.map(toPatternCommand)
    .map((wanted) => strongest(subject.commands.map((command) => compareWithCommand(wanted, command, work))));
  // Matches of several commands are unclear, since only the text shows that they belong together.
  const byWords = matches.length > 1 ? weakest([...matches, 'maybe']) : strongest(matches);
  return strongest([byWords, byText.length > 0 || subject.isOpaque ? 'maybe' : 'no']);
}

function toPatternCommand([program, ...args]: Word[]): PatternCommand {
  const command: PatternCommand = { program: toPatternProgram(wordToGlob(program!)), options: [], operands: [] };
  let afterGap = false;
  for (const word of args) {
    if (isOption(word.text)) command.options.push(parsePatternOption(word.text));
    else if (!/^\*+$/.test(word.raw)) command.operands.push({ glob: wordToGlob(word), afterGap });
    afterGap = /^\*+$/.test(word.raw);
  }
  return command;
}

function toPatternProgram(glob: Glob): PatternProgram {
  const text = glob.join('*');
  const isPath = text.includes('/');
  return { glob, isPath, similar: toGlob(isPath ? toBaseName(text) : text.toLowerCase()) };
}

/** Compares a pattern with a command at each of its words, since some programs run the words after them. */
function compareWithCommand({ program, options, operands }: PatternCommand, command: FoundCommand, work: Work): Match {
  const { words, isSure, isWrapper, argumentsAt } = command;
  const isAny = program.glob.every((piece) => piece === '');
  const isText = program.glob[0] === '';
  const starts = words.flatMap((word, at) => {
    const match = at > 0 && isAny ? 'no' : compareProgram(program, word, work);
    return match === 'no' || (at > 0 && isText && match === 'maybe') ? [] : [{ at, match }];
  });
  if (starts.length > MAX_STARTS) return 'maybe';
  return strongest(
    starts.map(({ at, match }) => {
      const args = argumentsAt(at);
      const optionMatch = compareOptions(options, args.options, work);
      if (optionMatch === 'no') return 'no';
      const result = weakest([match, optionMatch, compareOperands(operands, args, work)]);
      return result === 'yes' && (!isSure || (at > 0 && !isWrapper)) ? 'maybe' : result;
    }),
  );
}

/** Compares a program by its name, in any folder. Another case is unclear, since some systems ignore case. */
function compareProgram({ glob, isPath, similar }: PatternProgram, word: SpelledWord, work: Work): Match {
  if (!isPath) {
    if (work.matchesPattern(glob, word.name)) return 'yes';
    return work.matchesPattern(similar, word.lowerCaseName) ? 'maybe' : 'no';
  }
  if (work.matchesPattern(glob, word.text) || work.matchesPattern(glob, word.normalized)) return 'yes';
  return work.matchesPattern(similar, word.name) ? 'maybe' : 'no';
}

/** Compares operands in order. A word between two of them can be the value of an option. */
function compareOperands(pattern: PatternOperand[], { operands, options }: Arguments, work: Work): Match {
  let at = 0;
  let match: Match = 'yes';
  for (const { glob, afterGap } of pattern) {
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
