import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';

const probe = mkdtempSync(join(tmpdir(), 'it0-sandbox-'));

/** What this machine keeps local instances in, found once for all servers of a test file. */
export const sandbox = findSandbox({ probe }).finally(() => rmSync(probe, { recursive: true, force: true }));
