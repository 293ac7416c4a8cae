import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBridge } from '@it0/bridge/testing/bridge-process';
import { compileCacheDir, sharedCompileCache } from '@it0/bridge/testing/compile-cache';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { claudeCode } from '@it0/tests/support/claude-code';
import type { TestDatabase } from '@it0/tests/support/database';
import { startHostileModel } from './hostile-model.ts';
import { standingRules } from './smuggling/rules.ts';

/** The engines with the bridge's tools. */
export const engines = ['openclaw', 'claude-cli'] as const;
export type Engine = (typeof engines)[number];

/** An instance under attack, with a hostile model. */
export type Victim = {
  engine: Engine;
  instanceId: string;
  /** The bridge's folder. */
  dir: string;
};
export type World = Awaited<ReturnType<typeof startWorld>>;

/** The model's API key, which no process of an agent may have. */
export const modelKey = 'sk-key-of-the-hostile-model';

/**
 * Starts the real server with two instances, both with a hostile model: one that the local driver runs with an OpenClaw
 * gateway, and one whose bridge runs Claude Code.
 */
export async function startWorld(options: { engines?: readonly Engine[]; database?: TestDatabase } = {}) {
  await using stack = new AsyncDisposableStack();
  await sharedCompileCache();
  const model = stack.use(await startHostileModel());
  const env = {
    ...{ PATH: process.env.PATH ?? '', HOME: tmpdir() },
    ...{ OPENAI_BASE_URL: model.url, OPENAI_API_KEY: modelKey, IT0_MODEL: 'hostile' },
  };
  const app = stack.use(
    await testApp({
      database: options.database,
      tasksPerMinute: 1_000_000,
      limits: { callsPerMinute: 1_000_000, socketsPerPerson: 500 },
      localDriver: (driver) => createLocalDriver({ ...driver, env, compileCacheDir }),
      bridgeAllow: ['127.0.0.1'],
    }),
  );
  const owner = await app.newUser();
  const client = app.client(owner);
  // A command outside a sandbox could write here.
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'it0-outside-')));
  stack.defer(() => rmSync(outside, { recursive: true, force: true }));

  const starting = {
    openclaw: () => startOpenClaw(app, client),
    'claude-cli': () => startClaudeCode(app, stack, model.anthropicUrl),
  };
  const victims = new Map<Engine, Victim>();
  await Promise.all(
    (options.engines ?? engines).map(async (engine) => {
      const { instanceId, dir } = await starting[engine]();
      const { revision } = await client.approval.rules.query({ instanceId });
      await client.approval.setRules.mutate({ instanceId, rules: standingRules, revision });
      victims.set(engine, { engine, instanceId, dir });
    }),
  );

  async function startClaudeCode(app: TestApp, stack: AsyncDisposableStack, baseUrl: string) {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'it0-claude-')));
    stack.defer(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
    const bridge = await startBridge(dir, {
      ...{ BRIDGE_ENGINE: 'claude-cli', CLAUDE_PATH: claudeCode, LOG_LEVEL: 'silent' },
      ...{ ANTHROPIC_API_KEY: modelKey, ANTHROPIC_BASE_URL: baseUrl },
    });
    stack.defer(() => bridge.end('SIGTERM'));
    await bridge.ready();
    const { id: instanceId } = await app.newInstance(owner, { driver: 'remote', bridgeUrl: bridge.url });
    const data = { bridgeSecret: app.services.keys.seal(bridge.secret) };
    await app.tenant.agentInstance.update({ where: { id: instanceId }, data });
    return { instanceId, dir };
  }

  const all = stack.move();
  return {
    ...{ app, model, owner, client, outside },
    victim: (engine: Engine) => victims.get(engine)!,
    /** Returns the workspace of a user. */
    workspaceOf: (victim: Victim, userId = owner.id) => join(victim.dir, 'workspaces', userId),
    /** Returns the shared folder of an instance. */
    sharedOf: (victim: Victim) => join(victim.dir, 'shared'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startOpenClaw(app: TestApp, client: ReturnType<TestApp['client']>) {
  const { id: instanceId } = await client.instance.create.mutate({ requestId: randomUUID(), name: 'Victim' });
  const running = Promise.withResolvers<void>();
  const subscription = client.instance.onStatus.subscribe(undefined, {
    onData(instances) {
      const instance = instances.find(({ id }) => id === instanceId);
      if (instance?.status === 'RUNNING') running.resolve();
      if (instance?.statusReason === 'AGENT_CRASH_LOOP' || instance?.statusReason === 'AGENT_CANNOT_RUN')
        running.reject(new Error(`the instance does not start: ${instance.statusReason}`));
    },
    onError: running.reject,
  });
  await running.promise.finally(() => subscription.unsubscribe());
  return { instanceId, dir: join(realpathSync(app.dataDir), 'instances', app.tenantId, instanceId) };
}
