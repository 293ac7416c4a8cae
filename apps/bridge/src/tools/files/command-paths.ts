const MAX_WORDS = 200;

/**
 * Returns the paths that a command may name, relative ones unresolved. Returns undefined when they cannot be
 * determined, as in a command with variables or with very many words. May return strings that are no paths, but misses
 * none.
 */
export function findNamedPaths(command: string): string[] | undefined {
  if (/[$`~\\]/.test(command)) return undefined;
  // A quote may separate words, or be inside one.
  const words = ['', ' '].flatMap((quote) => command.replace(/['"]/g, quote).split(/[\s=:,;|&<>(){}@!]+/));
  const paths = new Set(words.flatMap((word) => [word, withoutOption(word)]).map(cutPattern));
  paths.delete('');
  return paths.size > MAX_WORDS ? undefined : [...paths];
}

/** Returns the value that follows an option's letter without a space, such as `/etc` of `-C/etc`. */
const withoutOption = (word: string) => word.replace(/^[-+]+\w*?(?=[./]|$)/, '');

/** Returns the folder that a glob pattern is expanded in. */
function cutPattern(word: string): string {
  const from = word.search(/[*?[\]]/);
  if (from < 0) return word;
  return word.slice(0, word.lastIndexOf('/', from) + 1) || '.';
}

/**
 * Creates a pattern for programs' names as words of a command, with an optional folder before and version after them.
 */
const toProgramPattern = (names: string) =>
  new RegExp(`(?:^|[\\s;&|(){}'"=/])(?:${names.trim().split(/\s+/).join('|')})-?[\\d.]*(?=$|[\\s;&|(){}<>'"])`, 'i');

const runners = toProgramPattern(String.raw`
  (?:ba|da|z|k|c|tc|fi)?sh source eval python\w* pypy ipython node nodejs deno bun tsx ts-node ruby irb perl php lua
  luajit rscript julia tclsh expect [gmn]?awk sed [gb]?make java groovy scala psql mysql mariadb sqlite3 gdb vim? nvim
  emacs ex ed ansible\S* kubectl oc helm docker podman terraform tofu nginx systemd-run crontab at batch bc dc gnuplot
  m4 jq yq xargs parallel busybox gcc g\+\+ cc ld`);
const importers = toProgramPattern(String.raw`
  python\w* pypy ipython lua luajit php perl ruby irb rscript r julia flask uvicorn gunicorn hypercorn celery streamlit
  fastapi jupyter\S* pytest tox nox django-admin twistd scrapy rq huey dramatiq locust node nodejs deno bun tsx ts-node`);

/** Returns whether a command may execute a file that it names, even if the file's name is not a program's. */
export const runsNamedFile = (command: string) => runners.test(command) || /(?:^|[;&|(){}])\s*\.\s/.test(command);

/** Returns whether a command may load programs from its folder that it does not name, such as modules. */
export const importsFromFolder = (command: string) => importers.test(command);
