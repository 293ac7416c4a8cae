// A server that runs one instance until it is killed.
import { join } from 'node:path';
import pino from 'pino';
import { toInstanceKey } from './driver.ts';
import { createLocalDriver } from './local.ts';

const driver = createLocalDriver({
  dataDir: process.argv[2]!,
  env: {},
  main: join(import.meta.dirname, 'local.fixture.ts'),
  log: pino({ level: 'silent' }),
  onChange: (_key, change) => process.send!(change),
});
driver.start({ key: toInstanceKey('tenant', 'one'), secret: 'a secret of the test' });
