import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSandbox } from '@it0/node/sandbox/find-sandbox';

const probe = mkdtempSync(join(tmpdir(), 'it0-sandbox-'));

/** The sandbox of this machine for local instances, detected once for all servers of a test file. */
export const sandbox = findSandbox({ probe }).finally(() => rmSync(probe, { recursive: true, force: true }));
