import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Reads the last lines of a file, of at most `maxBytes` in total, without empty ones. A line that is cut off is omitted,
 * since half of a secret in it could not be redacted. Returns no lines for a missing file, and for a link or pipe, which
 * an agent can create in its place.
 */
export async function tailFile(file: string, maxBytes: number): Promise<string[]> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null);
  if (!handle) return [];
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.nlink > 1) return [];
    const from = Math.max(0, stats.size - maxBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(stats.size - from), 0, stats.size - from, from);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
    return (from > 0 ? lines.slice(1) : lines).filter(Boolean);
  } finally {
    await handle.close();
  }
}
