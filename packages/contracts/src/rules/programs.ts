import { toBaseName } from './path.ts';

const names = (text: string) => new Set(text.trim().split(/\s+/));

/** Programs that run a command given as text. */
const shells = names('sh bash dash ash zsh ksh mksh fish csh tcsh pwsh eval ssh su watch parallel');

/** Programs that run the command in their arguments, so that the command is known. */
const wrappers = names(`
  sudo doas env nohup nice ionice chrt timeout stdbuf setsid time command exec builtin xargs busybox toybox unbuffer
  setarch taskset flock strace ltrace runuser setpriv chroot unshare nsenter caffeinate`);

/** Programs that run code from a file, their input or an argument. */
const interpreters = names(`
  . source trap alias python pypy perl ruby node nodejs deno bun php lua luajit tclsh wish expect rscript java jshell
  osascript awk gawk mawk nawk ed ex vi vim nvim view emacs gdb lldb sqlite psql mysql mariadb redis-cli bc dc m4`);

/** Programs that run other programs or the scripts of a project. */
const runners = names(`
  npx pnpx bunx uvx pipx npm pnpm yarn corepack make gmake just rake task cargo go gradle mvn tox nox poetry uv
  docker podman nerdctl kubectl oc crictl ctr lxc incus vagrant ansible ansible-playbook salt pssh
  systemd-run at batch crontab script screen tmux start-stop-daemon run-parts dbus-run-session entr direnv chronic
  ld-linux ld-linux-x86-64.so ld-linux-aarch64.so ld.so coreutils op pkexec gosu su-exec tini dumb-init proot fakeroot
  firejail bwrap cgexec numactl prlimit perf valgrind faketime torsocks proxychains mosh rsh rlogin telnet nc ncat socat`);

/** Builtins that evaluate their arguments. */
const builtins = names(`
  test [ [[ printf read let declare typeset local export readonly unset wait enable hash set shopt mapfile readarray
  complete compgen bind fc getopts coproc return`);

/** Programs that most likely run wherever their name appears in a command. */
const distinctive = names('sh bash dash ash zsh ksh env xargs busybox toybox eval sudo doas python perl ruby');

/** Options by which a program runs another one or writes. Prefixes of long options count too. */
const options: Record<string, string[]> = {
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
const gitOptions = ['--exec', '--upload-pack', '--receive-pack', '--extcmd', '--config', '--open-files-in-pager'];
const gitGlobals =
  /^(-C|-p|-P|--no-pager|--paginate|--bare|--no-optional-locks|--git-dir=.*|--work-tree=.*|--version|--help)$/;
const gitLetters: Record<string, string[]> = { clone: ['-u', '-c'], rebase: ['-x'], grep: ['-O'] };

/** Builtin subcommands of git. Any other can be an alias or an external program. */
const gitCommands = names(`
  add am annotate apply archive blame branch bundle cat-file check-attr check-ignore checkout cherry cherry-pick clean
  clone commit count-objects describe diff diff-tree fetch for-each-ref format-patch fsck gc grep help init log
  ls-files ls-remote ls-tree maintenance merge merge-base mv name-rev notes pull push range-diff rebase reflog remote
  repack reset restore rev-list rev-parse revert rm shortlog show show-branch show-ref sparse-checkout stash status
  switch symbolic-ref tag update-index update-ref var verify-commit verify-tag version whatchanged worktree`);

const folders = /^(\/usr(\/local)?|\/opt\/homebrew)?\/s?bin\//;

/** Returns a program's name without folder and version, in lower case since some systems ignore case. */
const toProgramName = (word: string) =>
  toBaseName(word)
    .replace(/(?<=[A-Za-z])[-.\d]+$/, '')
    .toLowerCase();

/** Returns whether a program runs commands given as text. */
export const runsText = (word: string) => shells.has(toProgramName(word));
/** Returns whether a program runs the command in its arguments. */
export const runsWords = (word: string) => wrappers.has(toProgramName(word));

/** Returns whether a program most likely runs wherever its name appears in a command. */
export const isDistinctive = (word: string) => distinctive.has(toProgramName(word));

const sets = [shells, wrappers, interpreters, runners, builtins];

/**
 * Returns whether a command is known to be able to run another one, or its program is a path outside the system's
 * folders. A name without a folder is found in the system's folders, and runs no other one unless it is listed above.
 */
export function canRunAnother(words: readonly string[]): boolean {
  const [program = '', ...others] = words;
  if (program.includes('/') && !folders.test(program)) return true;
  const name = toProgramName(program);
  if (sets.some((set) => set.has(name))) return true;
  if (Object.hasOwn(options, name) && others.some((word) => isOneOf(options[name]!, word))) return true;
  if (name === 'git' && !isPlainGit(others)) return true;
  return others.some((word, index) => index + 1 < others.length && isDistinctive(word));
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
  if (!before.every((word) => gitGlobals.test(word))) return false;
  const command = words[at];
  if (command === undefined) return true;
  const runOptions = [...gitOptions, ...(Object.hasOwn(gitLetters, command) ? gitLetters[command]! : [])];
  return gitCommands.has(command) && !words.slice(at + 1).some((word) => isOneOf(runOptions, word));
}
