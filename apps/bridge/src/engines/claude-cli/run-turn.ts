import type {
  CanUseTool,
  Options,
  Query,
  SDKResultMessage,
  SDKUserMessage,
  SpawnOptions,
} from '@anthropic-ai/claude-agent-sdk';
import { query } from '@anthropic-ai/claude-agent-sdk';
import { limits } from '@it0/contracts/limits';
import { contentOf, refusalOf } from '../claude-content.ts';
import { cutShort, type End, type Run, stopped } from '../engine.ts';
import { createReply } from '../reply.ts';
import { closed } from '../runs-in-hand.ts';
import type { Approvals } from './approvals.ts';
import type { Guard } from './guard.ts';
import type { Sessions } from './sessions.ts';
import { commandOf, endOf, stepOf, translate } from './translate.ts';

export type TurnOptions = {
  /** What every turn of the engine is started with. */
  options: Options;
  spawn: Guard['spawn'];
  cwd: string;
  approvals: Approvals;
  sessions: Sessions;
};

/** What would reach further than this machine's shell and files is off. */
const tools = ['Bash', 'Read', 'Write', 'Edit', 'Glob', 'Grep'];
const platform = 'platform';
const mostQuestionMs = 30 * 60_000;
const stopWithinMs = 5_000;

/** Does one task as one turn of a session of Claude Code, in a process of its own. */
export async function runTurn({ task, files, begun, report, signal }: Run, engine: TurnOptions): Promise<End> {
  if (begun) return cutShort();
  const refusal = refusalOf(task, files, { shrinks: true });
  if (refusal) return refusal;
  const { approvals, sessions, cwd } = engine;
  const startedAt = performance.now();
  const reply = createReply(report);
  const { prompt, end: endPrompt } = promptOf(await contentOf(task.message, files));
  const resume = sessions.find(task.sessionKey);
  report({ type: 'task', status: 'RUNNING' });
  const over = new AbortController();
  const { spawnClaudeCodeProcess, exited } = watched(engine.spawn);
  const options = { ...engine.options, ...optionsOf(task, resume), spawnClaudeCodeProcess, canUseTool, resume };
  const turn = query({ prompt, options });
  const stop = stopper(turn, signal);
  try {
    const result = await follow(turn);
    const end = endOf(result, reply, files.length > 0);
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
    over.abort();
    endPrompt();
    turn.close();
    // Two processes that write one session would lose a turn of it.
    await exited();
  }

  function ifStopped(): End | undefined {
    if (!signal.aborted) return undefined;
    return signal.reason === closed ? cutShort(reply.text()) : stopped(signal, reply.text());
  }

  async function follow(turn: Query): Promise<SDKResultMessage> {
    for await (const message of turn) {
      if (message.type === 'system' && message.subtype === 'init') sessions.keep(task.sessionKey, message.session_id);
      translate(message, reply);
      // A process that is done says so once more by failing.
      if (message.type === 'result') return message;
    }
    throw new Error('Claude Code ended without a result.');
  }

  /** Whatever may change something, or look outside the workspace, is for a person to allow. */
  async function canUseTool(...[name, input, { toolUseID, signal: asking }]: Parameters<CanUseTool>) {
    const allowed = { behavior: 'allow', updatedInput: input } as const;
    // The platform itself decides what its tools may do for whoever asks.
    if (name.startsWith(`mcp__${platform}__`)) return allowed;
    const command = commandOf(name, input);
    if (command.length > limits.command) return deny('It is too long to be shown to the person who decides.');
    reply.toolStarts(stepOf(toolUseID, name, input));
    const status = await approvals.ask({
      command,
      cwd,
      callId: toolUseID,
      textOffset: reply.text().length,
      expiresInMs: questionMs(task.timeoutMs - (performance.now() - startedAt)),
      report,
      signal: AbortSignal.any([asking, over.signal, signal]),
    });
    if (status !== 'ALLOWED') return deny(status === 'DENIED' ? 'The person denied it.' : 'The question expired.');
    reply.toolGoesOn(toolUseID);
    return allowed;
  }
}

const deny = (message: string) => ({ behavior: 'deny', message }) as const;

/** A question leaves as much of the task's time for what comes after it. */
const questionMs = (leftMs: number) => Math.max(0, Math.min(mostQuestionMs, leftMs / 2));

function watched(spawn: Guard['spawn']) {
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

function optionsOf({ instructions, tools: offered, history }: Run['task'], resume: string | undefined): Options {
  const said = history.map(({ role, text }) => `${role === 'user' ? 'Person' : 'You'}: ${text}`).join('\n\n');
  const before = resume || !said ? undefined : `What was said before, elsewhere:\n\n${said}`;
  return {
    tools,
    includePartialMessages: true,
    permissionMode: 'default',
    // Of its own accord it would not ask about commands that it takes to be harmless.
    settings: { permissions: { ask: ['Bash'] } },
    settingSources: [],
    strictMcpConfig: true,
    // On the command line anybody on the machine could read the token.
    mcpServersDelivery: 'initialize',
    mcpServers: offered && {
      [platform]: { type: 'http', url: offered.url, headers: { authorization: `Bearer ${offered.token}` } },
    },
    systemPrompt: {
      type: 'preset',
      preset: 'claude_code',
      append: [instructions, before].filter(Boolean).join('\n\n') || undefined,
      snapshot: false,
    },
  };
}
