import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { World } from './world.ts';

const run = promisify(execFile);

/** Floods a server for some seconds, from another process; tells how often each answer came, and each flood was made. */
export async function flood(
  { app, owner }: Pick<World, 'app' | 'owner'>,
  seconds: number,
): Promise<Record<string, number>> {
  const argv = [join(import.meta.dirname, 'floods.fixture.ts'), app.url, owner.cookie, `${seconds}`];
  const { stdout } = await run(process.execPath, argv, { maxBuffer: 10_000_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
