import type { Work } from './work.ts';

/** Removes double slashes, `.`, and each folder that is followed by `..` from a path. */
export function normalizePath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const isRemoved = part === '..' && (isAbsolute || (parts.length > 0 && parts.at(-1) !== '..'));
    if (isRemoved) parts.pop();
    else parts.push(part);
  }
  return (isAbsolute ? '/' : '') + parts.join('/');
}

/** Returns the last part of a path. */
export const toBaseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Returns whether a path is absolute and normalized. */
export const isNormalizedPath = (path: string) => path.startsWith('/') && normalizePath(path) === path;

/** PATH_MAX of Linux, which no supported system exceeds. */
const MAX_PATH = 4_096;

/**
 * Returns whether an allow pattern matches a path: `*` matches within one name, `**` across folders, and neither
 * matches the dot at the beginning of a name.
 */
export function matchesPath(pattern: string, path: string, work: Work): boolean {
  if (path.length > MAX_PATH) return false;
  // For each index in the path, whether the part of the pattern read so far can match up to it.
  let reached = Array.from({ length: path.length + 1 }, (_, at) => at === 0);
  for (const part of pattern.split(/(\*+)/)) {
    if (!work.spend(1 + path.length / 4)) return false;
    if (part.startsWith('*')) spread(reached, path, part.length > 1);
    else reached = reached.map((_, at) => reached[at - part.length] === true && path.endsWith(part, at));
  }
  return reached[path.length] === true;
}

/** Extends the match of a star from each reached index. */
function spread(reached: boolean[], path: string, isDeep: boolean) {
  for (let at = 0; at < path.length; at++) {
    const isStop = (!isDeep && path[at] === '/') || (path[at] === '.' && path[at - 1] === '/');
    if (reached[at] && !isStop) reached[at + 1] = true;
  }
}
