import { toBaseName } from './path.ts';

const names = (text: string) => new Set(text.trim().split(/\s+/));

/** Programs that run a command given as text. */
const SHELLS = names('sh bash dash ash zsh ksh mksh fish csh tcsh pwsh eval ssh su watch parallel');

/** Programs that run the command in their arguments, so that the command is known. */
const WRAPPERS = names(`
  sudo doas env nohup nice ionice chrt timeout stdbuf setsid time command exec builtin xargs busybox toybox unbuffer
  setarch taskset flock strace ltrace runuser setpriv chroot unshare nsenter caffeinate`);

/** Programs that run code from a file, their input or an argument. */
const INTERPRETERS = names(`
  . source trap alias python pypy perl ruby node nodejs deno bun php lua luajit tclsh wish expect rscript java jshell
  osascript awk gawk mawk nawk ed ex vi vim nvim view emacs gdb lldb sqlite psql mysql mariadb redis-cli bc dc m4`);

/** Programs that run other programs or the scripts of a project. */
const RUNNERS = names(`
  npx pnpx bunx uvx pipx npm pnpm yarn corepack make gmake just rake task cargo go gradle mvn tox nox poetry uv
  docker podman nerdctl kubectl oc crictl ctr lxc incus vagrant ansible ansible-playbook salt pssh
  systemd-run at batch crontab script screen tmux start-stop-daemon run-parts dbus-run-session entr direnv chronic
  ld-linux ld-linux-x86-64.so ld-linux-aarch64.so ld.so coreutils op pkexec gosu su-exec tini dumb-init proot fakeroot
  firejail bwrap cgexec numactl prlimit perf valgrind faketime torsocks proxychains mosh rsh rlogin telnet nc ncat socat`);

/** Builtins that evaluate their arguments. */
const BUILTINS = names(`
  test [ [[ printf read let declare typeset local export readonly unset wait enable hash set shopt mapfile readarray
  complete compgen bind fc getopts coproc return`);

/** Programs that most likely run wherever their name appears in a command. */
const DISTINCTIVE = names('sh bash dash ash zsh ksh env xargs busybox toybox eval sudo doas python perl ruby');

/** Options by which a program runs another one or writes. Prefixes of long options count too. */
const RUN_OPTIONS: Record<string, string[]> = {
  find: ['-exec', '-execdir', '-ok', '-okdir', '-delete', '-fprint', '-fprintf', '-fls'],
  fd: ['-x', '-X', '--exec', '--exec-batch'],
  fdfind: ['-x', '-X', '--exec', '--exec-batch'],
  rg: ['--pre'],
  tar: ['-I', '-F', '--to-command', '--checkpoint-action', '--use-compress-program', '--info-script', '--rsh-command'],
  rsync: ['-e', '--rsh', '--rsync-path'],
  scp: ['-S', '-o', '-J'],
  sftp: ['-S', '-o', '-b'],
  sort: ['--compress-program'],
  split: ['--filter'],
  sed: ['-f', '--file'],
  tcpdump: ['-z'],
  zip: ['-T', '-TT', '--unzip-command'],
  man: ['-P', '-H', '--pager', '--html'],
};

/** Options before or after the subcommand of git by which it runs a program. */
const GIT_OPTIONS = ['--exec', '--upload-pack', '--receive-pack', '--extcmd', '--config', '--open-files-in-pager'];
const GIT_GLOBALS =
  /^(-C|-p|-P|--no-pager|--paginate|--bare|--no-optional-locks|--git-dir=.*|--work-tree=.*|--version|--help)$/;
const GIT_LETTERS: Record<string, string[]> = { clone: ['-u', '-c'], rebase: ['-x'], grep: ['-O'] };

/** Builtin subcommands of git. Any other can be an alias or an external program. */
const GIT_COMMANDS = names(`
  add am annotate apply archive blame branch bundle cat-file check-attr check-ignore checkout cherry cherry-pick clean
  clone commit count-objects describe diff diff-tree fetch for-each-ref format-patch fsck gc grep help init log
  ls-files ls-remote ls-tree maintenance merge merge-base mv name-rev notes pull push range-diff rebase reflog remote
  repack reset restore rev-list rev-parse revert rm shortlog show show-branch show-ref sparse-checkout stash status
  switch symbolic-ref tag update-index update-ref var verify-commit verify-tag version whatchanged worktree`);

const FOLDERS = /^(\/usr(\/local)?|\/opt\/homebrew)?\/s?bin\//;

/** Returns a program's name without folder and version, in lower case since some systems ignore case. */
const toProgramName = (word: string) =>
  toBaseName(word)
    .replace(/(?<=[A-Za-z])[-.\d]+$/, '')
    .toLowerCase();

/** Returns whether a program runs commands given as text. */
export const runsText = (word: string) => SHELLS.has(toProgramName(word));
/** Returns whether a program runs the command in its arguments. */
export const runsWords = (word: string) => WRAPPERS.has(toProgramName(word));

/** Returns whether a program most likely runs wherever its name appears in a command. */
export const isDistinctive = (word: string) => DISTINCTIVE.has(toProgramName(word));

const PROGRAM_SETS = [SHELLS, WRAPPERS, INTERPRETERS, RUNNERS, BUILTINS];

/**
 * Returns whether a command is known to be able to run another one, or its program is a path outside the system's
 * folders. A name without a folder is found in the system's folders, and runs no other one unless it is listed above.
 */
export function canRunAnother(words: readonly string[]): boolean {
  const [program = '', ...args] = words;
  if (program.includes('/') && !FOLDERS.test(program)) return true;
  const name = toProgramName(program);
  if (PROGRAM_SETS.some((set) => set.has(name))) return true;
  if (Object.hasOwn(RUN_OPTIONS, name) && args.some((word) => isOneOf(RUN_OPTIONS[name]!, word))) return true;
  if (name === 'git' && !isPlainGit(args)) return true;
  return args.some((word, index) => index + 1 < args.length && isDistinctive(word));
}

function isOneOf(options: string[], word: string): boolean {
  const [name = ''] = word.split('=');
  return options.some((option) => {
    if (option.startsWith('--')) return /^--\w/.test(name) && option.startsWith(name);
    return name === option || (option.length === 2 && /^-[A-Za-z]/.test(name) && name.includes(option[1]!));
  });
}

/** Returns whether a git command is builtin and has no option by which it runs another program. */
function isPlainGit(words: string[]): boolean {
  const at = words.findIndex((word, index) => !word.startsWith('-') && words[index - 1] !== '-C');
  const before = words.slice(0, at < 0 ? undefined : at).filter((word) => word.startsWith('-'));
  if (!before.every((word) => GIT_GLOBALS.test(word))) return false;
  const command = words[at];
  if (command === undefined) return true;
  const runOptions = [...GIT_OPTIONS, ...(Object.hasOwn(GIT_LETTERS, command) ? GIT_LETTERS[command]! : [])];
  return GIT_COMMANDS.has(command) && !words.slice(at + 1).some((word) => isOneOf(runOptions, word));
}
