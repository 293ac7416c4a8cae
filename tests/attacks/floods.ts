import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Overload } from './overload.ts';
import type { World } from './world.ts';

const run = promisify(execFile);

/** Floods a server by everything at once, from another process. Returns how much of it the server did. */
export async function flood({ app, owner }: Pick<World, 'app' | 'owner'>): Promise<Overload[]> {
  const argv = [join(import.meta.dirname, 'floods.fixture.ts'), app.url, owner.cookie, owner.email];
  const { stdout } = await run(process.execPath, argv);
  return JSON.parse(stdout);
}
