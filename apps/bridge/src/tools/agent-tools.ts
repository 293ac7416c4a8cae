import { join } from 'node:path';
import type { Isolation } from '@it0/contracts/bridge';
import { createNoSandbox, findSandbox } from '@it0/node/sandbox/find-sandbox';
import type { Logger } from 'pino';
import { type Approvals, bridgeClosed } from '../approvals.ts';
import type { Run } from '../engines/engine.ts';
import { startGuard } from '../guard.ts';
import { createCommandRunner, type RunCommand } from './command-runner.ts';
import type { ToolTask } from './task-tools.ts';
import { type FixedAddress, startToolServer } from './tool-server.ts';
import { createTools } from './tools.ts';
import { openWorkspace } from './workspace.ts';

export type AgentTools = Awaited<ReturnType<typeof startAgentTools>>;
export type AgentToolsOptions = {
  /** The bridge's folder. */
  dir: string;
  /** False: a person wants its commands to run without a sandbox. */
  isSandboxed: boolean;
  /** What an agent's own processes get to see of the environment. */
  environment: Record<string, string>;
  approvals: Approvals;
  /** How long an approval waits at most. */
  approvalMs: number;
  /** Runs what was approved to run outside of the sandbox; null where nothing may. */
  unsandboxed: RunCommand | null;
  /** Where they are served, if not just anywhere on loopback. */
  address?: FixedAddress;
  log: Logger;
};
/** Says where in a task's reply a call stands. */
export type PlaceOf = (callId: string) => Promise<number>;

/** All that an agent does on its machine: the bridge's tools, the sandbox that they run commands in, and their server. */
export async function startAgentTools(options: AgentToolsOptions) {
  const { dir, isSandboxed, environment, approvals, approvalMs, log } = options;
  const sandbox = isSandboxed ? await findSandbox({ probe: join(dir, 'sandbox') }) : createNoSandbox(null);
  if (sandbox.method === 'none') log.warn({ detail: sandbox.detail }, 'this agent is not isolated');
  // A sandbox ends what is in it with the bridge.
  const guard = sandbox.method === 'none' ? startGuard(environment.PATH ?? '') : null;
  const processEnvironment = { ...environment, ...guard?.environment };
  const runner = createCommandRunner({
    ...{ dir, sandbox, environment: processEnvironment },
    unsandboxed: options.unsandboxed,
  });
  const server = await startToolServer(createTools(runner), log, options.address);
  const closing = new AbortController();

  /** Undefined for a task that nobody's workspace is open to. */
  function taskOf({ task, report, signal }: Run, textOffset: PlaceOf) {
    if (!task.userId) return undefined;
    const startedAt = performance.now();
    const over = new AbortController();
    const calls = new Set<Promise<unknown>>();
    const toolTask: ToolTask = {
      taskId: task.taskId,
      workspace: openWorkspace({
        ...{ dir, userId: task.userId, account: sandbox.account },
        isSharedWritable: task.sharedFolder === 'read-write',
      }),
      ...{ approvals, approvalMs, report, textOffset, calls },
      remainingMs: () => task.timeoutMs - (performance.now() - startedAt),
      signal: AbortSignal.any([closing.signal, signal, over.signal]),
    };
    const end = async () => {
      over.abort();
      await Promise.all(calls);
    };
    return { toolTask, end };
  }

  return {
    sandbox,
    /** What every process of the agent gets to see. */
    environment: processEnvironment,
    isolation: { method: sandbox.method, detail: sandbox.detail } satisfies Isolation,
    /** Where a gateway finds them, and what it shows there. */
    address: { url: server.url, token: server.token },
    /** Offers them to the agent of a gateway's conversation, until it is disposed: by then every call has ended. */
    serveSession(session: string, run: Run, placeOf: PlaceOf): AsyncDisposable {
      const lent = taskOf(run, placeOf);
      const served = lent && server.serveSession(session, lent.toolTask);
      return {
        async [Symbol.asyncDispose]() {
          served?.[Symbol.dispose]();
          await lent?.end();
        },
      };
    },
    /** The same for whoever shows the token; undefined for a task without a workspace. */
    serveTask(run: Run, placeOf: PlaceOf) {
      const lent = taskOf(run, placeOf);
      if (!lent) return undefined;
      const served = server.serveTask(lent.toolTask);
      return {
        url: server.url,
        token: served.token,
        async [Symbol.asyncDispose]() {
          served[Symbol.dispose]();
          await lent.end();
        },
      };
    },
    async close() {
      closing.abort(bridgeClosed);
      server.close();
      await guard?.close();
    },
  };
}
