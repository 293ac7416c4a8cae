import { homedir } from 'node:os';
import { createCommandEnvironment } from './command-environment.ts';
import { type ProcessOptions, runProcess } from './run-process.ts';

/** Exit code of a command that was not run because of its folder. */
export const FOLDER_REFUSED = 126;

/**
 * Shell code that enters the folder `$2` and exits unless that is the folder's real path: a link, even one that
 * replaced the folder after the approval, must not lead elsewhere. It compares after entering, so that the folder
 * cannot change in between. It runs the program `pwd`, which asks the kernel, since the builtin of bash derives the
 * path from the name that was entered. `env` finds the program where it is not in `/bin`, and takes a millisecond
 * longer.
 */
const ENTER_FOLDER = `
cd -P "$2" 2>/dev/null || { printf 'It did not run: there is no folder %s.\\n' "$2"; exit ${FOLDER_REFUSED}; }
folder=$(if [ -x /bin/pwd ]; then /bin/pwd -P; else PATH=/usr/bin:/bin:$PATH env pwd -P; fi && echo .)
if [ "$folder" != "$2
." ]; then
  printf 'It did not run: %s is a link or has one above it, and leads to %s. Call it again with that folder.\\n' \\
    "$2" "\${folder%??}"
  exit ${FOLDER_REFUSED}
fi`;

/**
 * Returns the program and arguments that run a command line in the folder with the real path `cwd`, with both output
 * streams in one. `setup` is shell code that runs before the command, in the same process.
 */
export const wrapCommand = (command: string, cwd: string, setup = '') => [
  ...['/bin/sh', '-c', `${ENTER_FOLDER}\n${setup}\nexec /bin/sh -c "$1" 2>&1`],
  ...['sh', command, cwd],
];

type ShellCommand = Omit<ProcessOptions, 'argv' | 'env' | 'cwd'> & {
  command: string;
  /** The real path of its folder. */
  cwd: string;
  environment: Record<string, string>;
};

/** Runs an approved command line outside the sandbox, as the user of this process. */
export const runShellCommand = ({ command, cwd, environment, ...options }: ShellCommand) =>
  runProcess({
    ...{ argv: wrapCommand(command, cwd), cwd: '/', env: createCommandEnvironment(environment, homedir()) },
    ...options,
  });
