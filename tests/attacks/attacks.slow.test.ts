import { claudeCode, claudeCodeHint } from '@it0/tests/support/claude-code';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Plan, run } from './attempt.ts';
import { converse } from './converse.ts';
import { generateAttempts } from './generator.ts';
import { isWrong, type Outcome } from './outcome.ts';
import { findKeyHolders, prepareReach, reachAttempts } from './reach.ts';
import { runAttempts } from './run-attempts.ts';
import { smuggling } from './smuggling.ts';
import { engines, startWorld, type World } from './world.ts';

// All tests share one OpenClaw gateway and one bridge with Claude Code.
const seed = Math.floor(Math.random() * 2 ** 31);
let world: World;

beforeAll(async () => {
  if (!claudeCode) throw new Error(claudeCodeHint);
  world = await startWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Takes a quarter of independent attempts, by the seed; `npm run test:attacks` makes all of them. */
const takeQuarter = (plans: Plan[]) => plans.filter((_, index) => index % 4 === seed % 4);
const [independent = [], ...connected] = smuggling;
const planLists = [takeQuarter(independent), ...connected];

test.for(engines)(
  'no command of the model of %s runs without approval or differs from the approved text',
  async (engine) => {
    const outcomes: Outcome[] = [];
    for (const plans of planLists) outcomes.push(...(await runAttempts(world, world.victim(engine), plans)));
    expect(outcomes.length).toBeGreaterThanOrEqual(200);
    expect(outcomes.filter(isWrong)).toEqual([]);
  },
);

test.for(engines)(
  'a generated command of %s is shown exactly, and the shell gets the approved bytes',
  async (engine) => {
    const outcomes = await runAttempts(world, world.victim(engine), generateAttempts(seed, 20));
    expect(outcomes.filter(isWrong), `seed ${seed}`).toEqual([]);
  },
);

test.for(engines)(
  'no allowed command of %s reads, changes or signals what does not belong to its agent',
  async (engine) => {
    const victim = world.victim(engine);
    await using reach = await prepareReach(world, victim);
    const plans = takeQuarter(reachAttempts(reach, victim));
    const outcomes = await runAttempts(world, victim, plans, { secrets: reach.texts });
    expect(outcomes.filter(isWrong)).toEqual([]);
    expect(reach.bystander.signalCode).toBeNull();
    expect(findKeyHolders()).toEqual([]);
  },
);

test.for(engines)('no later prompt contains what a command of %s wrote to the workspace', async (engine) => {
  const planted = `planted-${crypto.randomUUID()}`;
  const names = 'AGENTS.md SOUL.md TOOLS.md USER.md IDENTITY.md MEMORY.md HEARTBEAT.md BOOTSTRAP.md CLAUDE.md .env';
  const text = `for f in ${names}; do echo ${planted} >$f; done; mkdir -p skills/x .claude; cp AGENTS.md skills/x/SKILL.md; cp AGENTS.md .claude/CLAUDE.md`;
  const first = await converse(world, world.victim(engine), {
    ...{ calls: [run(text), run('cat AGENTS.md')], onApproval: () => 'allow-once' },
  });
  expect(first.results.at(-1)).toContain(planted);
  const second = await converse(world, world.victim(engine), { calls: [run('true')], onApproval: () => 'deny' });
  expect(second.prompt.length).toBeGreaterThan(100);
  expect(second.prompt).not.toContain(planted);
});
