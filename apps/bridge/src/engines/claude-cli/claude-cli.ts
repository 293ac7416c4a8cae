import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Options, SpawnOptions } from '@anthropic-ai/claude-agent-sdk';
import type { Reach } from '@it0/node/reach';
import { giveFolder } from '@it0/node/sandbox/account';
import { findPackages } from '@it0/node/sandbox/find-packages';
import type { Logger } from 'pino';
import type { Approvals } from '../../approvals.ts';
import { type AgentTools, startAgentTools } from '../../tools/agent-tools.ts';
import type { RunCommand } from '../../tools/command-runner.ts';
import { TOOL_CALL_TIMEOUT_MS } from '../../tools/tool-server.ts';
import { createActiveRuns } from '../active-runs.ts';
import { type ClaudeModel, openModel } from '../claude-model.ts';
import { startCredentialProxy } from '../credential-proxy.ts';
import type { Engine } from '../engine.ts';
import { createReplyBuilder } from '../reply-builder.ts';
import { createBinary } from './binary.ts';
import { runTurn } from './run-turn.ts';
import { openSessions } from './sessions.ts';

export type ClaudeCliOptions = {
  dir: string;
  log: Logger;
  approvals: Approvals;
  /** The hosts that the model may be on; any host if omitted. */
  reach?: Reach;
  /** False when the owner chose to run commands without a sandbox. */
  isSandboxed: boolean;
  /** Runs commands outside the sandbox; null where that is not possible. */
  unsandboxed: RunCommand | null;
  /** The longest time an approval may stay pending. */
  approvalMs: number;
  /** The space in MB that agents leave free on the disk. */
  diskFloorMb?: number;
  /** The program; without it, the one that is installed. */
  claudePath?: string;
  /** Null: the scripted one. */
  model: ClaudeModel | null;
  /** What its processes get to see of the environment. */
  environment: Record<string, string>;
};

/**
 * Creates the engine that runs Claude Code: a process per task, in the sandbox, with the bridge's tools and none of its
 * own.
 */
export function createClaudeCli(options: ClaudeCliOptions): Engine {
  const { dir, log, claudePath, model, environment } = options;
  const reach = model ? options.reach : undefined;
  const [configDir, temporary] = [join(dir, 'claude'), join(dir, 'tmp')];
  // An empty folder: Claude Code adds files of its working folder to prompts.
  const cwd = join(configDir, 'empty');
  // What a bridge that was killed has left.
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(cwd, { recursive: true, mode: 0o700 });
  const inUse = openModel(model);
  const keeper = inUse.model.then(({ baseUrl, apiKey }) =>
    startCredentialProxy({ baseUrl, apiKey, api: 'anthropic', reach }),
  );
  keeper.catch((error) => log.error({ err: error }, 'the way to the model cannot be opened'));
  let isolation: AgentTools['isolation'] | null = null;
  const ready = startAgentTools({ ...options, engineFolders: [configDir, temporary] });
  ready.then(
    (tools) => (isolation = tools.isolation),
    (error) => log.error({ err: error }, 'the agent cannot be started'),
  );
  const binary = createBinary({ claudePath, path: environment.PATH ?? '' });
  const sessions = openSessions(join(dir, 'sessions'), configDir);
  const runs = createActiveRuns(async (run) => {
    const { file, detail } = binary.find();
    if (!file) return createReplyBuilder(run.report).fail({ reason: 'AGENT_ERROR', detail: detail! });
    const { name } = await inUse.model;
    const tools = await ready;
    // One for all tasks would be a place where any session may read unasked, and copies of images lie there.
    const own = join(temporary, run.task.taskId);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    const { account } = tools.sandbox;
    if (account !== null) for (const folder of [configDir, own]) giveFolder(folder, account);
    try {
      const options = { ...(await common(tools, own)), model: name, pathToClaudeCodeExecutable: file };
      return await runTurn(run, { options, spawn: (how) => spawnInside(tools, own, how), tools, sessions });
    } finally {
      await rm(own, { recursive: true, force: true, maxRetries: 3 }).catch((error) =>
        log.warn({ taskId: run.task.taskId, err: error }, 'what Claude Code put aside was not removed'),
      );
    }
  });

  function spawnInside({ sandbox }: AgentTools, own: string, { command, args, env, signal }: SpawnOptions) {
    const spec = { cwd, writable: [configDir, own], readable: [findPackages(command)], hidden: [dir] };
    const [program, ...rest] = sandbox.wrap([command, ...args], spec);
    const outside = sandbox.method === 'none' ? cwd : '/';
    return spawn(program!, rest, { cwd: outside, env, signal, stdio: ['pipe', 'pipe', 'ignore'] });
  }

  async function common(tools: AgentTools, temporaryDir: string): Promise<Options> {
    const { url, token } = await keeper;
    return {
      cwd,
      env: {
        ...tools.environment,
        HOME: configDir,
        // The model's proxy and the tools are on loopback, which an HTTP proxy does not reach.
        NO_PROXY: '127.0.0.1',
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: token,
        CLAUDE_CONFIG_DIR: configDir,
        CLAUDE_CODE_TMPDIR: temporaryDir,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '2',
        DISABLE_AUTOUPDATER: '1',
        MCP_TOOL_TIMEOUT: String(TOOL_CALL_TIMEOUT_MS),
      },
    };
  }

  return {
    health() {
      const { file, version, detail } = binary.find();
      return {
        ready: file !== null,
        engine: { version, connected: file !== null },
        model: inUse.info,
        isolation,
        detail,
      };
    },
    run: runs.run,
    async close() {
      await runs.close();
      await (await ready.catch(() => null))?.close();
      (await keeper).close();
      await inUse.close();
    },
  };
}
