import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The result of an attempt: lists of faults, each a sentence. All are empty if the attack failed as it should. */
export type Outcome = {
  kind: string;
  name: string;
  /** Evidence that something ran without approval. */
  ran: string[];
  /** Evidence that something ran that differs from what was shown. */
  shownOtherwise: string[];
  /** Data of others that was read or changed. */
  crossed: string[];
  /** Preconditions that were not met, so that the attempt proves nothing. */
  unverified: string[];
};

export const isWrong = ({ ran, shownOtherwise, crossed, unverified }: Outcome) =>
  [ran, shownOtherwise, crossed, unverified].some(({ length }) => length > 0);

/** Folders that a command outside a sandbox could write a file with the marker's name to. */
const openFolders = ['/', '/tmp', '/var/tmp', '/etc', '/run', '/dev/shm', '/usr/local/bin', '/root'];

/** Finds the markers that are in the name of a file or the command line of a process. Returns where each was found. */
export function findTraces(markers: string[], folders: string[]): Map<string, string> {
  const traces = new Map<string, string>();
  const search = (text: string, where: string) => {
    for (const marker of markers) if (text.includes(marker) && !traces.has(marker)) traces.set(marker, where);
  };
  for (const folder of folders.filter(existsSync)) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      search(name, `the file ${name} in ${folder}`);
  }
  for (const folder of openFolders)
    for (const marker of markers)
      if (existsSync(join(folder, marker))) search(marker, `the file ${join(folder, marker)}`);
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const line = readProcess(pid);
    search(line, `the process ${pid}, ${line.slice(0, 200)}`);
  }
  return traces;
}

function readProcess(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Returns the command of a shell that wrote its own command line into the marker's file; undefined for other content.
 */
export function readRan(workspace: string, marker: string): string | undefined {
  const [shell, option, command, ...rest] = readFileSync(join(workspace, marker), 'utf8').split('\0');
  return shell === '/bin/sh' && option === '-c' && rest.join('') === '' ? command : undefined;
}
