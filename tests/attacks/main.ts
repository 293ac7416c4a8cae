import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabase } from '@it0/db/database';
import { startEmbedded } from '@it0/db/embedded';
import { allowDatabases } from '@it0/tests/support/allow-databases';
import { claudeCode } from '@it0/tests/support/claude-code';
import type { TestDatabase } from '@it0/tests/support/database';
import { flood } from './floods.ts';
import { generateAttempts } from './generator.ts';
import { watchHealth } from './healthz.ts';
import type { Outcome } from './outcome.ts';
import { prepareReach, reachAttempts } from './reach.ts';
import { formatVerdicts, isRepelled, toVerdicts, type Verdict } from './report.ts';
import { runAttempts } from './run-attempts.ts';
import { spelledDirectiveAttempts } from './smuggling/directives.ts';
import { smuggling } from './smuggling.ts';
import { attackTenants } from './tenants.ts';
import { engines, startWorld } from './world.ts';

// Usage: npm run test:attacks -- [--runs N] [--seed N] [--json FILE]. Each engine gets N generated attempts.
const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' } },
});
const runs = Number(values.runs ?? 200);
const seed = values.seed ? Number(values.seed) : Math.floor(Math.random() * 2 ** 31);
console.log(`seed ${seed}`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), 'it0-attacks-'));
const postgres = await startEmbedded(join(folder, 'postgres'));
await allowDatabases(postgres.adminUrl);
const verdicts: Verdict[] = [];
let unverified = 0;
try {
  const usable = engines.filter((engine) => engine !== 'claude-cli' || claudeCode);
  await using world = await startWorld({ engines: usable, database: await newDatabase('attacks') });
  using health = await watchHealth(world.app.url);
  for (const engine of usable) {
    const victim = world.victim(engine);
    await using reach = await prepareReach(world, victim);
    const { texts: secrets } = reach;
    const [first = [], ...others] = smuggling;
    const planLists = [
      [...first, ...spelledDirectiveAttempts, ...generateAttempts(seed, runs)],
      ...others,
      reachAttempts(reach, victim),
    ];
    for (const plans of planLists)
      record(await runAttempts(world, victim, plans, { secrets }), `, ${engine}`, await health.slowest());
  }
  record(await attackTenants(seed, runs, await newDatabase('tenants')), '', await health.slowest());
  await flood(world);
  const flooding: Verdict = {
    ...{ attack: 'all floods at once', tried: 1, ran: 0, shownOtherwise: 0, crossed: 0 },
    healthzMs: await health.slowest(),
  };
  verdicts.push(flooding);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${formatVerdicts(verdicts)}\n\nseed ${seed}`);
if (values.json) writeFileSync(values.json, `${JSON.stringify(verdicts, null, 2)}\n`);
process.exit(unverified === 0 && verdicts.length > 0 && verdicts.every(isRepelled) ? 0 : 1);

function record(outcomes: Outcome[], suffix: string, healthzMs: number | null) {
  verdicts.push(...toVerdicts(outcomes, suffix, healthzMs));
  for (const { kind, name, ran, shownOtherwise, crossed, unverified: missing } of outcomes) {
    unverified += missing.length;
    for (const fault of [...ran, ...shownOtherwise, ...crossed, ...missing]) console.log(`${kind}: ${name}: ${fault}`);
  }
}

/** Creates a database with one tenant. */
async function newDatabase(name: string): Promise<TestDatabase> {
  {
    await using admin = createDatabase({ url: postgres.url });
    await admin.pool.query(`CREATE DATABASE ${name}`);
  }
  const address = new URL(postgres.url);
  address.pathname = name;
  const db = createDatabase({ url: address.href });
  await db.migrate();
  const tenantId = await db.createTenant({ name: 'Attacked' });
  return { ...db, url: address.href, tenantId };
}
