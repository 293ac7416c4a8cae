import type { ApprovalKind } from '../chat-event.ts';
import { compareCommand } from './compare-command.ts';
import { toGlob } from './glob.ts';
import type { Match } from './match.ts';
import { normalizePath } from './path.ts';
import { type CommandSubject, readCommandSubject } from './subject.ts';
import type { Work } from './work.ts';

type DenyRequest = { kind: ApprovalKind; command: string; cwd?: string };

/** Returns the comparison of a request with the pattern of a deny or ask rule. The request is read only once. */
export function matchDeny({ kind, command, cwd }: DenyRequest, work: Work): (pattern: string) => Match {
  if (kind === 'write') return readDeniedPath(command, work);
  if (kind === 'fetch') return readDeniedAddress(command, work);
  let subject: CommandSubject | undefined;
  return (pattern) => {
    subject ??= readCommandSubject(command, cwd, work);
    return compareCommand(pattern, subject, work);
  };
}

/** Returns the comparison of a path with a pattern. A pattern for a folder also matches everything in it. */
function readDeniedPath(path: string, work: Work): (pattern: string) => Match {
  const normalized = normalizePath(path);
  const lowerCase = normalized.toLowerCase();
  const isUnclear = !path.startsWith('/') || path.split('/').includes('..');
  const isIn = (folder: string, text: string) =>
    work.matchesPattern(toGlob(folder), text) || work.matchesPattern(toGlob(`${folder}/*`), text);
  return (pattern) => {
    if (isIn(pattern, path) || isIn(pattern, normalized)) return 'yes';
    return isUnclear || isIn(pattern.toLowerCase(), lowerCase) ? 'maybe' : 'no';
  };
}

/** Returns the comparison of an address with a pattern. The same host in another notation is unclear. */
function readDeniedAddress(address: string, work: Work): (pattern: string) => Match {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const withoutDot = url && `${url.protocol}//${url.hostname.replace(/\.$/, '')}${url.pathname}${url.search}`;
  const spellings = url ? [address, url.href, withoutDot!] : [address];
  const withoutScheme = (text: string) => text.toLowerCase().replace(/^https?:\/\//, '');
  const bare = withoutDot && withoutScheme(withoutDot);
  return (pattern) => {
    const glob = toGlob(pattern);
    if (spellings.some((text) => work.matchesPattern(glob, text))) return 'yes';
    return bare === undefined || work.matchesPattern(toGlob(withoutScheme(pattern)), bare) ? 'maybe' : 'no';
  };
}
