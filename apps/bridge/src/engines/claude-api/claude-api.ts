import Anthropic from '@anthropic-ai/sdk';
import type { Logger } from 'pino';
import { createActiveRuns } from '../active-runs.ts';
import { type ClaudeModel, openModel } from '../claude-model.ts';
import type { Engine } from '../engine.ts';
import { runTask } from './run-task.ts';

export type ClaudeApiOptions = {
  log: Logger;
  /** Null means the scripted model. */
  model: ClaudeModel | null;
};

/**
 * Creates the engine that calls the Anthropic API. It keeps no conversations: a task includes its history, instructions
 * and tools.
 */
export function createClaudeApi({ model, log }: ClaudeApiOptions): Engine {
  const openedModel = openModel(model);
  openedModel.model.catch((error) => log.error({ err: error }, 'cannot start the scripted model'));

  const runs = createActiveRuns(async (run) => {
    const { apiKey, baseUrl, name } = await openedModel.model;
    // The SDK would log requests to the console.
    const client = new Anthropic({ apiKey, authToken: null, baseURL: baseUrl, logLevel: 'off' });
    return runTask(run, client, name);
  });

  return {
    health: () => ({
      ready: true,
      engine: { version: null, connected: true },
      model: openedModel.info,
      detail: null,
    }),
    run: runs.run,
    async [Symbol.asyncDispose]() {
      await runs[Symbol.asyncDispose]();
      await openedModel[Symbol.asyncDispose]();
    },
  };
}
