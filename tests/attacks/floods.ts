import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Overload } from './overload.ts';
import type { World } from './world.ts';

const run = promisify(execFile);

/** Floods a server with all kinds of requests, from another process. Returns how many of them the server served. */
export async function flood({ app, owner }: Pick<World, 'app' | 'owner'>): Promise<Overload[]> {
  const argv = [join(import.meta.dirname, 'floods.fixture.ts'), app.url, owner.cookie, owner.email];
  const { stdout } = await run(process.execPath, argv);
  return JSON.parse(stdout);
}
