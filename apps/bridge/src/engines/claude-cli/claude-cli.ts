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
  /** The program. If omitted, the installed one. */
  claudePath?: string;
  /** Null means the scripted model. */
  model: ClaudeModel | null;
  /** The environment variables of the agent's processes. */
  environment: Record<string, string>;
};

/**
 * Creates the engine that runs Claude Code, with one sandboxed process per task and only the tools of the platform and
 * the bridge.
 */
export function createClaudeCli(options: ClaudeCliOptions): Engine {
  const { dir, log, claudePath, model, environment } = options;
  const reach = model ? options.reach : undefined;
  const [configDir, temporary] = [join(dir, 'claude'), join(dir, 'tmp')];
  // An empty folder: Claude Code adds files of its working folder to prompts.
  const cwd = join(configDir, 'empty');
  // A killed bridge leaves files behind.
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(cwd, { recursive: true, mode: 0o700 });
  const openedModel = openModel(model);
  const proxy = openedModel.model.then(({ baseUrl, apiKey }) =>
    startCredentialProxy({ baseUrl, apiKey, api: 'anthropic', reach }),
  );
  proxy.catch((error) => log.error({ err: error }, 'cannot start the proxy to the model'));
  let isolation: AgentTools['isolation'] | null = null;
  const ready = startAgentTools({ ...options, engineFolders: [configDir, temporary] });
  ready.then(
    (tools) => (isolation = tools.isolation),
    (error) => log.error({ err: error }, 'cannot start the agent'),
  );
  const binary = createBinary({ claudePath, path: environment.PATH ?? '' });
  const sessions = openSessions(join(dir, 'sessions'), configDir);
  const runs = createActiveRuns(async (run) => {
    const { file, detail } = binary.find();
    if (!file) return createReplyBuilder(run.report).fail({ reason: 'AGENT_ERROR', detail: detail! });
    const { name } = await openedModel.model;
    const tools = await ready;
    // One folder per task: Claude Code copies images there, which no other session may read.
    const taskDir = join(temporary, run.task.taskId);
    mkdirSync(taskDir, { recursive: true, mode: 0o700 });
    const { account } = tools.sandbox;
    if (account !== null) for (const folder of [configDir, taskDir]) giveFolder(folder, account);
    try {
      const options = { ...(await buildOptions(tools, taskDir)), model: name, pathToClaudeCodeExecutable: file };
      const spawn = (options: SpawnOptions) => spawnInSandbox(tools, taskDir, options);
      return await runTurn(run, { options, spawn, tools, sessions });
    } finally {
      await rm(taskDir, { recursive: true, force: true, maxRetries: 3 }).catch((error) =>
        log.warn({ taskId: run.task.taskId, err: error }, 'cannot remove the temporary folder of a task'),
      );
    }
  });

  function spawnInSandbox({ sandbox }: AgentTools, taskDir: string, { command, args, env, signal }: SpawnOptions) {
    const spec = { cwd, writable: [configDir, taskDir], readable: [findPackages(command)], hidden: [dir] };
    const [program, ...rest] = sandbox.wrap([command, ...args], spec);
    const workingDir = sandbox.method === 'none' ? cwd : '/';
    return spawn(program!, rest, { cwd: workingDir, env, signal, stdio: ['pipe', 'pipe', 'ignore'] });
  }

  async function buildOptions(tools: AgentTools, taskDir: string): Promise<Options> {
    const { url, token } = await proxy;
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
        CLAUDE_CODE_TMPDIR: taskDir,
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
        model: openedModel.info,
        isolation,
        detail,
      };
    },
    run: runs.run,
    async [Symbol.asyncDispose]() {
      await runs[Symbol.asyncDispose]();
      await (await ready.catch(() => null))?.[Symbol.asyncDispose]();
      (await proxy)[Symbol.dispose]();
      await openedModel[Symbol.asyncDispose]();
    },
  };
}
