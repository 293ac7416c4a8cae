import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type {
  CanUseTool,
  Options,
  Query,
  SDKResultMessage,
  SDKUserMessage,
  SpawnOptions,
} from '@anthropic-ai/claude-agent-sdk';
import { query } from '@anthropic-ai/claude-agent-sdk';
import type { AgentTools } from '../../tools/agent-tools.ts';
import { createCallOffsets } from '../../tools/call-offsets.ts';
import { CLOSED } from '../active-runs.ts';
import { buildContent, checkFiles } from '../claude-content.ts';
import { type End, toInterruptedEnd, type Run, toStoppedEnd } from '../engine.ts';
import { createReplyBuilder } from '../reply-builder.ts';
import type { Sessions } from './sessions.ts';
import { toEnd, translate } from './translate.ts';

export type TurnOptions = {
  /** What every turn of the engine is started with. */
  options: Options;
  spawn(options: SpawnOptions): ChildProcessByStdio<Writable, Readable, null>;
  tools: AgentTools;
  sessions: Sessions;
};

const platform = 'platform';
/**
 * Matches the names of the tools that a turn has: the platform's, which checks the user's permissions, and the
 * bridge's.
 */
const offered = new RegExp(`^mcp__(${platform}|it0)__`);
const stopWithinMs = 5_000;

/** Does one task as one turn of a session of Claude Code, in a process of its own. */
export async function runTurn(run: Run, engine: TurnOptions): Promise<End> {
  const { task, files, hasStarted: begun, report, signal } = run;
  if (begun) return toInterruptedEnd();
  const refusal = checkFiles(task, files, { shrinks: true });
  if (refusal) return refusal;
  const { sessions } = engine;
  const reply = createReplyBuilder(report);
  const places = createCallOffsets(() => reply.text().length);
  await using tools = engine.tools.serveTask(run, places.find);
  const { prompt, end: endPrompt } = promptOf(await buildContent(task.message, files));
  const resume = sessions.find(task.sessionKey);
  report({ type: 'task', status: 'RUNNING' });
  const { spawnClaudeCodeProcess, exited } = watched(engine.spawn);
  const options = { ...engine.options, ...optionsOf(task, resume, tools), spawnClaudeCodeProcess, canUseTool, resume };
  const turn = query({ prompt, options });
  const stop = stopper(turn, signal);
  try {
    const result = await follow(turn);
    const end = toEnd(result, reply, files.length > 0);
    if (end.type === 'completed') return end;
    // What is too much once would be too much in every turn to come.
    if (end.reason === 'ATTACHMENT_TOO_LARGE') sessions.forget(task.sessionKey);
    return ifStopped() ?? end;
  } catch (error) {
    const end = ifStopped();
    if (!end) throw error;
    return end;
  } finally {
    stop.clear();
    endPrompt();
    turn.close();
    // Two processes that write one session would lose a turn of it.
    await exited();
  }

  function ifStopped(): End | undefined {
    if (!signal.aborted) return undefined;
    return signal.reason === CLOSED ? toInterruptedEnd(reply.text()) : toStoppedEnd(signal, reply.text());
  }

  async function follow(turn: Query): Promise<SDKResultMessage> {
    for await (const message of turn) {
      if (message.type === 'system' && message.subtype === 'init') sessions.save(task.sessionKey, message.session_id);
      translate(message, reply, places.mark);
      // A process that is done says so once more by failing.
      if (message.type === 'result') return message;
    }
    throw new Error('Claude Code ended without a result.');
  }
}

/** Denies any other tool. Claude Code's own tools are off; this also covers tools that a later version adds. */
const canUseTool: CanUseTool = async (name, input) =>
  offered.test(name)
    ? { behavior: 'allow', updatedInput: input }
    : { behavior: 'deny', message: 'This tool is not available here.' };

function watched(spawn: TurnOptions['spawn']) {
  let exit: Promise<unknown> | undefined;
  return {
    spawnClaudeCodeProcess(options: SpawnOptions) {
      const child = spawn(options);
      exit = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
      return child;
    },
    exited: () => exit,
  };
}

/** One message, in the mode in which a turn can be interrupted: it ends with its input. */
function promptOf(content: SDKUserMessage['message']['content']) {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  async function* prompt(): AsyncGenerator<SDKUserMessage> {
    const message = { role: 'user', content } as const;
    // As it is written: otherwise `@/etc/passwd` reads that file, and `/compact` is a command, without anybody's leave.
    yield { type: 'user', message, parent_tool_use_id: null, client_composed: true };
    await over;
  }
  return { prompt: prompt(), end };
}

/** Interrupts a turn on the signal, which keeps what was said; one that does not listen is ended. */
function stopper(turn: Query, signal: AbortSignal) {
  let late: NodeJS.Timeout | undefined;
  const stop = () => {
    late = setTimeout(() => turn.close(), stopWithinMs);
    turn.interrupt().catch(() => turn.close());
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return {
    clear() {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    },
  };
}

type ToolAddress = { url: string; token: string } | undefined;

function optionsOf(task: Run['task'], resume: string | undefined, own: ToolAddress): Options {
  const { instructions, history } = task;
  const said = history.map(({ role, text }) => `${role === 'user' ? 'Person' : 'You'}: ${text}`).join('\n\n');
  const before = resume || !said ? undefined : `What was said before, elsewhere:\n\n${said}`;
  return {
    tools: [],
    includePartialMessages: true,
    permissionMode: 'default',
    settingSources: [],
    strictMcpConfig: true,
    // Every account of the machine can read tokens on the command line.
    mcpServersDelivery: 'initialize',
    mcpServers: { ...serverAt(platform, task.tools), ...serverAt('it0', own) },
    systemPrompt: {
      type: 'preset',
      preset: 'claude_code',
      append: [instructions, before].filter(Boolean).join('\n\n') || undefined,
      snapshot: false,
    },
  };
}

const serverAt = (name: string, at: ToolAddress): Options['mcpServers'] =>
  at && { [name]: { type: 'http', url: at.url, headers: { authorization: `Bearer ${at.token}` } } };
