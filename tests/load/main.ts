// `npm run bench`: measures the server as it ships, a minimal baseline and peers, side by side.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatRows, machine, type Row } from './report.ts';
import { callback } from './sections/callback.ts';
import { commands } from './sections/commands.ts';
import { createTask } from './sections/create-task.ts';
import { firstDelta } from './sections/first-delta.ts';
import { growth } from './sections/growth.ts';
import { history } from './sections/history.ts';
import { memory } from './sections/memory.ts';
import { resume } from './sections/resume.ts';
import { search } from './sections/search.ts';
import { tenants } from './sections/tenants.ts';
import { createWorld, type Options, type World } from './world.ts';

const sections = {
  memory,
  createTask,
  callback,
  resume,
  history,
  firstDelta,
  commands,
  tenants,
  growth,
  search,
} satisfies Record<string, (world: World, options: Options) => Promise<Row[]>>;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(sections) },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const options = { ...(values.quick ? { ms: 600, rounds: 3 } : { ms: 1_500, rounds: 7 }), quick: values.quick };

const readVersion = (packageUrl: string): string => JSON.parse(readFileSync(new URL(packageUrl), 'utf8')).version;

const rows: Row[] = [];
{
  await using world = await createWorld();
  for (const [name, run] of Object.entries(sections)) {
    if (!values.only.includes(name)) continue;
    const results = await run(world, options);
    rows.push(...results);
    console.log(formatRows(results).split('\n').slice(1).join('\n'));
  }
  const { rows: version } = await world.db.pool.query('SHOW server_version');
  const versions = {
    Node: process.versions.node,
    PostgreSQL: version[0].server_version,
    'Socket.IO': readVersion(import.meta.resolve('socket.io/package.json')),
    OpenClaw: readVersion(new URL('../../apps/bridge/node_modules/openclaw/package.json', import.meta.url).href),
  };
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  console.log(`\n${[machine(), ...named].join(' · ')}\n`);
}
console.log(formatRows(rows));
if (values.json) writeFileSync(values.json, JSON.stringify(rows, null, 2));
process.exitCode = rows.every((row) => row.ok) ? 0 : 1;
