import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What became of an attempt: each fault is a sentence. */
export type Outcome = {
  kind: string;
  name: string;
  /** Why something counts as run that nobody allowed. */
  ran: string[];
  /** Why something counts as shown otherwise than it runs. */
  shownOtherwise: string[];
  /** What was read or changed that is somebody else's. */
  crossed: string[];
  /** What the attempt needed and did not get: it proves nothing then. */
  unproven: string[];
};

export const isWrong = ({ ran, shownOtherwise, crossed, unproven }: Outcome) =>
  [ran, shownOtherwise, crossed, unproven].some(({ length }) => length > 0);

/** Where a command that is in no sandbox could leave something, by the marker's name alone. */
const openPlaces = ['/', '/tmp', '/var/tmp', '/etc', '/run', '/dev/shm', '/usr/local/bin', '/root'];

/** What tells that something ran: a file with the marker in its name or text, or a process whose command line has it. */
export function findTraces(markers: string[], folders: string[]): Map<string, string> {
  const traces = new Map<string, string>();
  const look = (text: string, where: string) => {
    for (const marker of markers) if (text.includes(marker) && !traces.has(marker)) traces.set(marker, where);
  };
  for (const folder of folders.filter(existsSync)) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      look(name, `the file ${name} in ${folder}`);
  }
  for (const place of openPlaces)
    for (const marker of markers) if (existsSync(join(place, marker))) look(marker, `the file ${join(place, marker)}`);
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const line = readProcess(pid);
    look(line, `the process ${pid}, ${line.slice(0, 200)}`);
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

/** What a shell was given that wrote its own command line into the file with the marker's name. */
export function readRan(workspace: string, marker: string): string | undefined {
  const [shell, option, command, ...rest] = readFileSync(join(workspace, marker), 'utf8').split('\0');
  return shell === '/bin/sh' && option === '-c' && rest.join('') === '' ? command : undefined;
}
