import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Options } from '@anthropic-ai/claude-agent-sdk';
import type { Logger } from 'pino';
import { type ClaudeModel, useModel } from '../claude-model.ts';
import type { Engine } from '../engine.ts';
import { createReply } from '../reply.ts';
import { runsInHand } from '../runs-in-hand.ts';
import { createApprovals } from './approvals.ts';
import { createBinary } from './binary.ts';
import { startGuard } from './guard.ts';
import { keepKey } from './key-keeper.ts';
import { runTurn } from './run-turn.ts';
import { openSessions } from './sessions.ts';

export type ClaudeCliOptions = {
  dir: string;
  log: Logger;
  /** The program; without it, the one that is installed. */
  claudePath?: string;
  /** Null: the scripted one. */
  model: ClaudeModel | null;
  /** What its processes get to see of the environment. */
  environment: Record<string, string>;
};

/** Claude Code as the engine of a bridge: a process for each task, and all of it in the bridge's folder. */
export function createClaudeCli({ dir, log, claudePath, model, environment }: ClaudeCliOptions): Engine {
  const path = environment.PATH ?? '';
  const [workspace, configDir, temporary] = [join(dir, 'workspace'), join(dir, 'claude'), join(dir, 'tmp')];
  // What a bridge that was killed has left.
  rmSync(temporary, { recursive: true, force: true });
  for (const folder of [workspace, configDir]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const inUse = useModel(model);
  const keeper = inUse.at.then(({ baseUrl, apiKey }) => keepKey({ baseUrl, apiKey }));
  keeper.catch((error) => log.error({ err: error }, 'the way to the model cannot be opened'));
  const binary = createBinary({ claudePath, path });
  const sessions = openSessions(join(dir, 'sessions'), configDir);
  const approvals = createApprovals();
  const guard = startGuard(path);
  const runs = runsInHand(async (run) => {
    const { file, detail } = binary.find();
    if (!file) return createReply(run.report).failed({ reason: 'AGENT_ERROR', detail: detail! });
    const { name } = await inUse.at;
    // One for all tasks would be a place where any session may read unasked, and copies of images lie there.
    const own = join(temporary, run.task.taskId);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    try {
      const options = { ...(await common(own)), model: name, pathToClaudeCodeExecutable: file };
      return await runTurn(run, { options, spawn: guard.spawn, cwd: workspace, approvals, sessions });
    } finally {
      await rm(own, { recursive: true, force: true, maxRetries: 3 }).catch((error) =>
        log.warn({ taskId: run.task.taskId, err: error }, 'what Claude Code put aside was not removed'),
      );
    }
  });

  async function common(temporaryDir: string): Promise<Options> {
    const { url, token } = await keeper;
    return {
      cwd: workspace,
      env: {
        ...environment,
        ...guard.environment,
        // The model is on loopback, where no proxy goes.
        NO_PROXY: [environment.NO_PROXY ?? environment.no_proxy, '127.0.0.1'].filter(Boolean).join(','),
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: token,
        CLAUDE_CONFIG_DIR: configDir,
        CLAUDE_CODE_TMPDIR: temporaryDir,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '2',
        DISABLE_AUTOUPDATER: '1',
      },
    };
  }

  return {
    health() {
      const { file, version, detail } = binary.find();
      return {
        ready: file !== null,
        gateway: { version, connected: file !== null },
        model: inUse.shown,
        detail,
      };
    },
    run: runs.run,
    decide: async (approvalId, decision) => approvals.decide(approvalId, decision),
    async close() {
      await runs.close();
      await guard.close();
      (await keeper).close();
      await inUse.close();
    },
  };
}
