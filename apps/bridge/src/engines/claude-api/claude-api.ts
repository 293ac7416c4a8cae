import Anthropic from '@anthropic-ai/sdk';
import type { Logger } from 'pino';
import { type ClaudeModel, useModel } from '../claude-model.ts';
import { closed, type End, type Engine, type Run, takesNoFiles } from '../engine.ts';
import { runTask } from './run-task.ts';

export type ClaudeApiOptions = {
  log: Logger;
  /** Null: the scripted one. */
  model: ClaudeModel | null;
};

/** The Anthropic API as the engine of a bridge: a task brings its conversation, its instructions and its tools. */
export function createClaudeApi({ model, log }: ClaudeApiOptions): Engine {
  const inUse = useModel(model);
  const closing = new AbortController();
  const runs = new Set<Promise<End>>();
  inUse.at.catch((error) => log.error({ err: error }, 'the scripted model cannot be started'));

  async function run(run: Run): Promise<End> {
    const { apiKey, baseUrl, name } = await inUse.at;
    // What it would say itself goes to the console, and no further than the bridge is anybody's business.
    const client = new Anthropic({ apiKey, authToken: null, baseURL: baseUrl, logLevel: 'off' });
    return runTask({ ...run, signal: AbortSignal.any([run.signal, closing.signal]) }, client, name);
  }

  return {
    health: () => ({
      ready: true,
      gateway: { version: null, connected: true },
      model: inUse.shown,
      detail: null,
    }),
    async run(task) {
      if (closing.signal.aborted) return undefined;
      if (task.files.length > 0) return takesNoFiles();
      const running = run(task).finally(() => runs.delete(running));
      runs.add(running);
      return running;
    },
    decide: async () => 'unknown',
    async close() {
      closing.abort(closed);
      await Promise.allSettled(runs);
      await inUse.close();
    },
  };
}
