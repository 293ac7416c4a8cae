const MAX_WORDS = 200;

/**
 * Returns the paths that a command may name, relative ones as they are written; undefined when they cannot be told, as
 * in a command with variables or with very many words. Errs by returning more than are named.
 */
export function findNamedPaths(command: string): string[] | undefined {
  if (/[$`~\\]/.test(command)) return undefined;
  // Quotes stand between words, or in the middle of one.
  const words = ['', ' '].flatMap((quote) => command.replace(/['"]/g, quote).split(/[\s=:,;|&<>(){}@!]+/));
  const paths = new Set(words.flatMap((word) => [word, withoutOption(word)]).map(cutPattern));
  paths.delete('');
  return paths.size > MAX_WORDS ? undefined : [...paths];
}

/** Returns what an option has right after its letter. */
const withoutOption = (word: string) => word.replace(/^[-+]+\w*?(?=[./]|$)/, '');

/** Returns the folder in which a pattern is looked up. */
function cutPattern(word: string): string {
  const from = word.search(/[*?[\]]/);
  if (from < 0) return word;
  return word.slice(0, word.lastIndexOf('/', from) + 1) || '.';
}

/** Matches the name of a program as a word of a command, with any folder before it and any version after it. */
const program = (names: string) =>
  new RegExp(`(?:^|[\\s;&|(){}'"=/])(?:${names.trim().split(/\s+/).join('|')})-?[\\d.]*(?=$|[\\s;&|(){}<>'"])`, 'i');

const runners = program(String.raw`
  (?:ba|da|z|k|c|tc|fi)?sh source eval python\w* pypy ipython node nodejs deno bun tsx ts-node ruby irb perl php lua
  luajit rscript julia tclsh expect [gmn]?awk sed [gb]?make java groovy scala psql mysql mariadb sqlite3 gdb vim? nvim
  emacs ex ed ansible\S* kubectl oc helm docker podman terraform tofu nginx systemd-run crontab at batch bc dc gnuplot
  m4 jq yq xargs parallel busybox gcc g\+\+ cc ld`);
const importers = program(String.raw`
  python\w* pypy ipython lua luajit php perl ruby irb rscript r julia flask uvicorn gunicorn hypercorn celery streamlit
  fastapi jupyter\S* pytest tox nox django-admin twistd scrapy rq huey dramatiq locust node nodejs deno bun tsx ts-node`);

/** Tells whether a command may run what a file says that it names, whatever the file is called. */
export const runsNamedFile = (command: string) => runners.test(command) || /(?:^|[;&|(){}])\s*\.\s/.test(command);

/** Tells whether a command may run programs of its folder that it does not name. */
export const importsFromFolder = (command: string) => importers.test(command);
