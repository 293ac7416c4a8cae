import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatVerdicts, isClean, sumVerdicts } from './report.ts';
import { runFaults } from './run-faults.ts';

// `npm run test:faults -- [--quick] [--seed N] [--only NAME] [--runs N] [--json FILE] [--keep]`
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    seed: { type: 'string' },
    only: { type: 'string' },
    runs: { type: 'string' },
    json: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
const seed = values.seed ? Number(values.seed) : Math.floor(Math.random() * 1_000_000);
console.log(`seed ${seed}`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const verdicts = await runFaults({
  ...values,
  seed,
  runs: values.runs ? Number(values.runs) : undefined,
  onVerdict(verdict, notes) {
    console.log(`${isClean(verdict) ? 'ok    ' : 'FAILED'} ${verdict.fault}, ${verdict.runs} times`);
    for (const note of notes.slice(0, 20)) console.log(`       ${note}`);
  },
});
console.log(`\n${formatVerdicts([...verdicts, sumVerdicts(verdicts)])}\n\nseed ${seed}`);
if (values.json) writeFileSync(values.json, `${JSON.stringify(verdicts, null, 2)}\n`);
process.exit(verdicts.length > 0 && verdicts.every(isClean) ? 0 : 1);
