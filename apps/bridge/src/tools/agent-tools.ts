import { join } from 'node:path';
import type { Isolation } from '@it0/contracts/bridge';
import { createNoSandbox, findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Logger } from 'pino';
import { type Approvals, BRIDGE_CLOSED } from '../approvals.ts';
import type { Run } from '../engines/engine.ts';
import { startProcessReaper } from '../process-reaper.ts';
import { createCommandRunner, type RunCommand } from './command-runner.ts';
import type { ToolTask } from './task-tools.ts';
import { type FixedAddress, startToolServer } from './tool-server.ts';
import { createTools } from './tools.ts';
import { openWorkspace } from './workspace.ts';

export type AgentTools = Awaited<ReturnType<typeof startAgentTools>>;
export type AgentToolsOptions = {
  /** The bridge's folder. */
  dir: string;
  /** The folders that the engine's own processes can write to. */
  engineFolders: string[];
  /** False when the owner chose to run commands without a sandbox. */
  isSandboxed: boolean;
  /** The environment variables of the agent's own processes. */
  environment: Record<string, string>;
  approvals: Approvals;
  /** The longest time an approval may stay pending. */
  approvalMs: number;
  /** The space in MB that agents leave free on the disk. */
  diskFloorMb?: number;
  /** Runs commands outside the sandbox; null where that is not possible. */
  unsandboxed: RunCommand | null;
  /** The port and token of the tool server; a free port and a new token if omitted. */
  address?: FixedAddress;
  log: Logger;
};
/** Returns the offset of a call in the text of a task's reply, in UTF-16 units. */
export type FindCallOffset = (callId: string) => Promise<number>;

/** Starts the bridge's tools: finds the sandbox for their commands, and serves them to the agent over MCP. */
export async function startAgentTools(options: AgentToolsOptions) {
  const { dir, engineFolders, isSandboxed, environment, approvals, approvalMs, diskFloorMb, log } = options;
  const sandbox = isSandboxed ? await findSandbox({ probe: join(dir, 'sandbox') }) : createNoSandbox(null);
  if (sandbox.method === 'none') log.warn({ detail: sandbox.detail }, 'commands of this agent are not isolated');
  // A sandbox kills its processes when the bridge ends; without one the reaper does.
  const reaper = sandbox.method === 'none' ? startProcessReaper(environment.PATH ?? '') : null;
  const processEnvironment = { ...environment, ...reaper?.environment };
  const runner = createCommandRunner({
    ...{ dir, sandbox, environment: processEnvironment },
    unsandboxed: options.unsandboxed,
  });
  const server = await startToolServer(createTools(runner), log, options.address);
  const closing = new AbortController();

  /** Opens the workspace and tools of a task. Returns undefined for a task without a user, which has no workspace. */
  function openTask({ task, report, signal }: Run, textOffset: FindCallOffset) {
    if (!task.userId) return undefined;
    const startedAt = performance.now();
    const ended = new AbortController();
    const calls = new Set<Promise<unknown>>();
    const toolTask: ToolTask = {
      taskId: task.taskId,
      workspace: openWorkspace({
        ...{ dir, engineFolders, userId: task.userId, account: sandbox.account, diskFloorMb },
        isSharedWritable: task.sharedFolder === 'read-write',
      }),
      ...{ approvals, approvalMs, report, textOffset, calls },
      remainingMs: () => task.timeoutMs - (performance.now() - startedAt),
      signal: AbortSignal.any([closing.signal, signal, ended.signal]),
    };
    return {
      toolTask,
      async [Symbol.asyncDispose]() {
        ended.abort();
        await Promise.all(calls);
      },
    };
  }

  return {
    sandbox,
    /** The environment variables of every process of the agent. */
    environment: processEnvironment,
    isolation: { method: sandbox.method, detail: sandbox.detail } satisfies Isolation,
    /** The URL of the tool server, and the token that a gateway authenticates with. */
    address: { url: server.url, token: server.token },
    /** Serves the tools to a gateway's session until disposed. Disposing waits for the calls to end. */
    serveSession(session: string, run: Run, findOffset: FindCallOffset): AsyncDisposable {
      const opened = openTask(run, findOffset);
      const registration = opened && server.serveSession(session, opened.toolTask);
      return {
        async [Symbol.asyncDispose]() {
          registration?.[Symbol.dispose]();
          await opened?.[Symbol.asyncDispose]();
        },
      };
    },
    /**
     * Serves the tools of a task to clients with its token until disposed; undefined for a task without a workspace.
     */
    serveTask(run: Run, findOffset: FindCallOffset) {
      const opened = openTask(run, findOffset);
      if (!opened) return undefined;
      const registration = server.serveTask(opened.toolTask);
      return {
        url: server.url,
        token: registration.token,
        async [Symbol.asyncDispose]() {
          registration[Symbol.dispose]();
          await opened[Symbol.asyncDispose]();
        },
      };
    },
    /** Stops all calls without responses, so that the agent repeats them after a restart. Approvals stay pending. */
    interruptCalls() {
      server.stopResponding();
      closing.abort(BRIDGE_CLOSED);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(BRIDGE_CLOSED);
      server[Symbol.dispose]();
      await reaper?.[Symbol.asyncDispose]();
    },
  };
}
