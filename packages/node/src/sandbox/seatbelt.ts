import { existsSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { Candidate, SandboxSpec } from './sandbox.ts';

const PROGRAM = '/usr/bin/sandbox-exec';

/** Finds the sandbox of macOS. It cannot be nested, and processes inside survive the process that started them. */
export function findSeatbelt(): Candidate | undefined {
  if (process.platform !== 'darwin' || !existsSync(PROGRAM)) return undefined;
  return { method: 'seatbelt', wrap: (argv, spec) => [PROGRAM, '-p', writeProfile(spec), ...argv] };
}

/** Creates a profile for sandbox-exec, in which the last matching rule applies. */
export function writeProfile({ writable, readable = [], hidden }: SandboxSpec): string {
  const visible = [...readable, ...writable, dirname(process.execPath)];
  const allow = (operation: string, paths: string[]) =>
    paths.map((path) => `(allow ${operation} (subpath ${quote(path)}))`);
  return [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(deny signal)',
    '(allow signal (target same-sandbox))',
    '(deny process-info*)',
    '(allow process-info* (target same-sandbox))',
    ...['/Users', homedir(), '/private/var/run', ...hidden].map((path) => `(deny file-read* (subpath ${quote(path)}))`),
    '(deny network-outbound (remote unix-socket))',
    // Resolving a path needs the metadata of the folders above it.
    ...visible.map((path) => `(allow file-read-metadata (path-ancestors ${quote(path)}))`),
    ...allow('file-read*', visible),
    ...allow('file-write*', [...writable, tmpdir(), '/private/tmp']),
    '(allow file-write* (regex #"^/dev/(null|zero|tty.*|fd/.*|dtracehelper)$"))',
  ].join('\n');
}

const quote = (path: string) => JSON.stringify(existsSync(path) ? realpathSync(path) : path);
