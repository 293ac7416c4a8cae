import Anthropic from '@anthropic-ai/sdk';
import type { Logger } from 'pino';
import { createActiveRuns } from '../active-runs.ts';
import { type ClaudeModel, openModel } from '../claude-model.ts';
import type { Engine } from '../engine.ts';
import { runTask } from './run-task.ts';

export type ClaudeApiOptions = {
  log: Logger;
  /** Null: the scripted one. */
  model: ClaudeModel | null;
};

/** The Anthropic API as the engine of a bridge: a task brings its conversation, its instructions and its tools. */
export function createClaudeApi({ model, log }: ClaudeApiOptions): Engine {
  const inUse = openModel(model);
  inUse.model.catch((error) => log.error({ err: error }, 'the scripted model cannot be started'));

  const runs = createActiveRuns(async (run) => {
    const { apiKey, baseUrl, name } = await inUse.model;
    // What it would say itself goes to the console, and no further than the bridge is anybody's business.
    const client = new Anthropic({ apiKey, authToken: null, baseURL: baseUrl, logLevel: 'off' });
    return runTask(run, client, name);
  });

  return {
    health: () => ({
      ready: true,
      engine: { version: null, connected: true },
      model: inUse.info,
      detail: null,
    }),
    run: runs.run,
    async close() {
      await runs.close();
      await inUse.close();
    },
  };
}
