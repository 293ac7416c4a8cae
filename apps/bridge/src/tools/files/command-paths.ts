import { readLine } from '@it0/contracts/rules/shell-words';

const MAX_PARTS = 1_000;
/** The nesting depth up to which commands within commands are read, as in `sh -c`. */
const MAX_DEPTH = 3;

/** The files that a command may use, according to its text. */
export type CommandFiles = {
  /** The paths that it may name, relative ones unresolved. Undefined when they cannot be determined. */
  paths: Set<string> | undefined;
  /** True when the command may execute a file that it names, even if the file's name is not a program's. */
  runsFiles: boolean;
  /** True when the command may load programs from its folder that it does not name, such as modules. */
  imports: boolean;
};

/** The files of a command whose words are unknown. */
const UNKNOWN_FILES: CommandFiles = { paths: undefined, runsFiles: true, imports: true };

/**
 * Reads the text of a command, for all searches of the files that it uses. Its words, and those of commands within it,
 * may be more than a shell would read, but none is missing. They are unknown in a command with variables, for example.
 * Returns undefined for too many words.
 */
export function readCommandFiles(command: string): CommandFiles | undefined {
  if (isUnknown(command)) return UNKNOWN_FILES;
  const words = new Set([...listWords(command, MAX_DEPTH), ...splitWords(command)]);
  const paths = new Set<string>();
  let parts = 0;
  for (const word of words) {
    if (isUnknownWord(word)) return UNKNOWN_FILES;
    for (const part of listParts(word)) {
      if (++parts > MAX_PARTS) return undefined;
      paths.add(cutPattern(part));
    }
  }
  paths.delete('');
  return { paths, runsFiles: runsNamedFile(command, words), imports: importsFromFolder(words) };
}

/** Returns whether variables, substitutions, braces or the home folder make words that are not in the text. */
const isUnknown = (command: string) =>
  /[$`~]|\{[^\s}]|(?:^|[\s;&|(){}'"])cd(?:\s+-\w*)*(?:['"]|\s*(?:$|[;&|(){}<>#]))/.test(command);

/** Returns whether a word is a pattern that `..` may match. */
const isUnknownWord = (word: string) => /(?:^|\/)\.+[*?[]/.test(word);

/** Lists the words that a shell reads, and those that it would read in one of them. */
function listWords(text: string, depth: number): string[] {
  // The targets of redirections are no words of their command.
  const commands = [...new Set([text, text.replace(/[<>]+/g, ' ')])].flatMap((each) => readLine(each).commands.flat());
  const words = commands.map((word) => word.text);
  const nested = depth > 0 ? new Set(words.filter((word) => word !== text && /[\s'"\\;&|<>()]/.test(word))) : [];
  return [...words, ...[...nested].flatMap((word) => listWords(word, depth - 1))];
}

/** Splits a text that a shell may not read to its end, or not at all: a quote may separate words or be in one. */
const splitWords = (text: string) => ['', ' '].flatMap((quote) => text.replace(/['"]/g, quote).split(/[\s;|&<>(){}]+/));

/** Yields a word, and its parts between characters that may separate paths. */
function* listParts(word: string): Generator<string> {
  const ends = [...word.matchAll(/[=:,@!]/g)].map(({ index }) => index).concat(word.length);
  const starts = [0, ...ends.slice(0, -1).map((end) => end + 1)];
  for (const [index, start] of starts.entries())
    for (const end of ends.slice(index)) yield* listValues(word.slice(start, end));
}

/** Yields a word, and what may be the value of an option in it, such as `/etc` of `-C/etc` or `x` of `-nfx`. */
function* listValues(word: string): Generator<string> {
  yield word;
  const letters = /^[-+](?!-)\w*/.exec(word)?.[0].length ?? 0;
  for (let start = 2; start <= letters; start++) yield word.slice(start);
}

/** Returns the folder that a glob pattern is expanded in. */
function cutPattern(word: string): string {
  const from = word.search(/[*?[\]]/);
  if (from < 0) return word;
  return word.slice(0, word.lastIndexOf('/', from) + 1) || '.';
}

/** Creates a test for names of programs. A version may follow a name, and anything may follow a name with a star. */
function toProgramTest(names: string) {
  const all = names.trim().split(/\s+/);
  const exact = new Set(all.filter((name) => !name.endsWith('*')));
  const beginnings = all.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  return (name: string) =>
    exact.has(name) || exact.has(withoutVersion(name)) || beginnings.some((beginning) => name.startsWith(beginning));
}

/** Returns `php` for `php8.2`, and `lua` for `lua-5.4`. */
function withoutVersion(name: string): string {
  let end = name.length;
  while (end > 0 && '0123456789.'.includes(name[end - 1]!)) end -= 1;
  if (name[end - 1] === '-') end -= 1;
  return name.slice(0, end);
}

const isRunner = toProgramTest(`
  sh bash dash zsh ksh csh tcsh fish source eval python* pypy ipython node nodejs deno bun tsx ts-node ruby irb perl php
  lua luajit rscript julia tclsh expect awk gawk mawk nawk sed make gmake bmake java groovy scala psql mysql mariadb
  sqlite3 gdb vi vim nvim emacs ex ed ansible* kubectl oc helm docker podman terraform tofu nginx systemd-run crontab at
  batch bc dc gnuplot m4 jq yq xargs parallel busybox gcc g++ cc ld`);
const isImporter = toProgramTest(`
  python* pypy ipython lua luajit php perl ruby irb rscript r julia flask uvicorn gunicorn hypercorn celery streamlit
  fastapi jupyter* pytest tox nox django-admin twistd scrapy rq huey dramatiq locust node nodejs deno bun tsx ts-node`);

const hasProgram = (words: Set<string>, isMatch: (name: string) => boolean) =>
  [...words].some((word) =>
    isMatch(word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('=')) + 1).toLowerCase()),
  );

/** Returns whether a command may execute a file that it names, even if the file's name is not a program's. */
const runsNamedFile = (command: string, words: Set<string>) =>
  hasProgram(words, isRunner) || /(?:^|[\s;&|(){}'"])\.['"]?\s+[^\s;&|)-]/.test(command);

/** Returns whether a command may load programs from its folder that it does not name, such as modules. */
const importsFromFolder = (words: Set<string>) => hasProgram(words, isImporter);
