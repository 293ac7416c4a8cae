/** A path without what changes nothing: doubled slashes, `.`, and a folder that `..` leaves again. */
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

/** Absolute, and the only way to write it. */
export const isStraight = (path: string) => path.startsWith('/') && normalizePath(path) === path;

/** Longer than any system takes. */
const MAX_PATH = 4_096;

/**
 * Whether a pattern names a path: `*` is a part of one name, `**` goes through folders, and neither stands for a name
 * that begins with a dot.
 */
export function isPathLike(pattern: string, path: string): boolean {
  if (path.length > MAX_PATH) return false;
  /** The places in the path that the pattern can have come to. */
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
