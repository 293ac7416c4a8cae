// `npm run bench:web`: measures the web app in Chromium and a minimal baseline page, side by side.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machine } from '../report.ts';
import { type Bench, createBench } from './bench.ts';
import { formatWebRows, type WebRow } from './report.ts';
import { chatBytes } from './sections/chat-bytes.ts';
import { deepLink } from './sections/deep-link.ts';
import { jumps } from './sections/jumps.ts';
import { myAgents } from './sections/my-agents.ts';
import { scrolling } from './sections/scrolling.ts';
import { signIn } from './sections/sign-in.ts';
import { streaming } from './sections/streaming.ts';

const sections = { signIn, chatBytes, myAgents, deepLink, streaming, scrolling, jumps } satisfies Record<
  string,
  (bench: Bench) => Promise<WebRow[]>
>;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(sections) },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const rows: WebRow[] = [];
{
  await using bench = await createBench(values);
  for (const [name, run] of Object.entries(sections)) {
    if (!values.only.includes(name)) continue;
    const results = await run(bench);
    rows.push(...results);
    console.log(formatWebRows(results).split('\n').slice(1).join('\n'));
  }
  console.log(`\n${machine()} · Chromium ${bench.browser.version()}\n`);
}
console.log(formatWebRows(rows));
if (values.json) writeFileSync(values.json, JSON.stringify(rows, null, 2));
process.exitCode = rows.every((row) => row.ok) ? 0 : 1;
