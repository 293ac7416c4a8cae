// Loaded into the gateway's own process, with `?record=<file>&graceMs=<n>` behind its address. A gateway outlives a
// killed bridge so that the next one finds its runs; where none comes, it ends itself, and takes no memory for ever.
import { readFileSync } from 'node:fs';

const { searchParams } = new URL(import.meta.url);
const record = searchParams.get('record') ?? '';
const graceMs = Number(searchParams.get('graceMs'));
let seenAt = Date.now();

const hasBridge = () => {
  try {
    return process.kill(JSON.parse(readFileSync(record, 'utf8')).bridgePid, 0);
  } catch {
    return false;
  }
};

const timer = setInterval(() => {
  if (hasBridge()) seenAt = Date.now();
  else if (Date.now() - seenAt > 2 * graceMs) process.kill(process.pid, 'SIGKILL');
  else if (Date.now() - seenAt > graceMs) process.kill(process.pid, 'SIGTERM');
}, graceMs / 10);
timer.unref();
