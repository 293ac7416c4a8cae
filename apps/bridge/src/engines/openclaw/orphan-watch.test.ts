import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/folder.ts';
import { watchForOrphan } from './gateway-process.ts';

const idle = (watch: string) =>
  spawn(process.execPath, ['--import', watch, '--eval', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' });

test('a gateway goes on while its bridge lives, and ends once no bridge comes back', async () => {
  using folder = temporaryFolder();
  const watchOf = (name: string, bridgePid: number | undefined) => {
    const record = join(folder.path, name);
    writeFileSync(record, JSON.stringify({ bridgePid }));
    return watchForOrphan(record, 200);
  };
  const bridge = idle('node:fs');
  const gone = idle('node:fs');
  gone.kill('SIGKILL');
  await once(gone, 'exit');

  const watched = idle(watchOf('watched', bridge.pid));
  const orphan = idle(watchOf('orphan', gone.pid));
  await once(orphan, 'exit');
  expect(watched.exitCode ?? watched.signalCode).toBeNull();
  bridge.kill('SIGKILL');
  await once(watched, 'exit');
});
