/** Removes double slashes, `.`, and each folder that is followed by `..` from a path. */
export function normalizePath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    const leaves = part === '..' && (isAbsolute || (parts.length > 0 && parts.at(-1) !== '..'));
    if (leaves) parts.pop();
    else parts.push(part);
  }
  return (isAbsolute ? '/' : '') + parts.join('/');
}

export const toBaseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Returns whether a path is absolute and normalized. */
export const isStraight = (path: string) => path.startsWith('/') && normalizePath(path) === path;

/** PATH_MAX of Linux, which no supported system exceeds. */
const MAX_PATH = 4_096;

/**
 * Returns whether an allow pattern matches a path: `*` matches within one name, `**` across folders, and neither
 * matches the dot at the beginning of a name.
 */
export function isPathLike(pattern: string, path: string): boolean {
  if (path.length > MAX_PATH) return false;
  // Indexes in the path that the pattern so far can have reached.
  let places = new Set([0]);
  for (const part of pattern.split(/(\*+)/)) {
    if (part.startsWith('*')) places = spread(places, path, part.length > 1);
    else places = new Set([...places].filter((at) => path.startsWith(part, at)).map((at) => at + part.length));
  }
  return places.has(path.length);
}

function spread(places: Set<number>, path: string, isDeep: boolean): Set<number> {
  const reached = new Set(places);
  for (let at = 0; at < path.length; at++) {
    const isStop = (!isDeep && path[at] === '/') || (path[at] === '.' && path[at - 1] === '/');
    if (reached.has(at) && !isStop) reached.add(at + 1);
  }
  return reached;
}
