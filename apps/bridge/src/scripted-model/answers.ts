import type { Turn } from './conversation.ts';
import { PROSE } from './prose.ts';

/** The response of the scripted model: a refusal, or a text that streams at a pace, with an optional tool call. */
export type Answer = Refusal | Reply;
export type Refusal = { type: 'refuse'; status: number; message: string };
export type Reply = { type: 'reply'; text: string; paceMs: number; call?: { name: string; args: object } };

const PACE_MS = 25;

/** The patterns that choose an answer, in order. The first one that matches and returns an answer wins. */
const RULES = [
  [/\brecall\b|回顾/i, (turn) => createReply(PROSE[detectLanguage(turn)].recall(turn.earlier.toReversed()))],
  [/(?:\brun|执行)[^`]*`[^`\n]+`/i, runCommands],
  [/(?:\bread|读取)[^`]*`[^`\n]+`/i, readFile],
  [/\bidle|空闲/i, (turn) => callTool(turn, 'list_instances')],
  [/\bapproval|批准|审批/i, (turn) => callTool(turn, 'pending_approvals')],
  [/\bfailed|失败/i, (turn) => callTool(turn, 'recent_failures')],
  [/\bslow|慢/i, replySlowly],
  [/\berror|错误/i, simulateError],
  [/\bcode|代码/i, (turn) => createReply(PROSE[detectLanguage(turn)].code)],
  [/\bstatus|\buptime|状态/i, (turn) => runCommand(turn, 'uptime')],
  [/\bdisk|磁盘/i, (turn) => runCommand(turn, 'df -h')],
] satisfies [RegExp, (turn: Turn) => Answer | undefined][];

/** Chooses the answer to a turn. It is deterministic, and in the language of the message. */
export function chooseAnswer(turn: Turn): Answer {
  for (const [pattern, respond] of RULES) {
    const answer = pattern.test(turn.message) ? respond(turn) : undefined;
    if (answer) return answer;
  }
  const prose = PROSE[detectLanguage(turn)];
  return createReply(turn.attachments.length > 0 ? prose.receivedFiles(turn.attachments) : prose.fallback);
}

/** Simulates the error of a provider, such as `error 401`. */
function simulateError({ message }: Turn): Refusal {
  const [kind = ''] = /\b(401|429|529)\b|too long|太长/i.exec(message) ?? [];
  const messages: Record<string, string> = {
    401: 'invalid x-api-key',
    429: 'This request would exceed your rate limit.',
    529: 'Overloaded',
  };
  if (messages[kind]) return createRefusal(Number(kind), messages[kind]);
  if (kind) return createRefusal(400, 'prompt is too long: 250000 tokens > 200000 maximum');
  return createRefusal(400, 'The scripted model refuses on request.');
}

const createReply = (text: string): Reply => ({ type: 'reply', text, paceMs: PACE_MS });
const createRefusal = (status: number, message: string): Refusal => ({ type: 'refuse', status, message });

/** Replies over about half a minute, in any language. */
function replySlowly(turn: Turn): Reply {
  const text = PROSE[detectLanguage(turn)].slow;
  return { type: 'reply', text, paceMs: 30_000 / splitText(text).length };
}

function runCommand(turn: Turn, line: string): Reply {
  const prose = PROSE[detectLanguage(turn)];
  const output = turn.toolOutputs.at(-1);
  const shell = findTool(turn, 'run_command');
  if (output !== undefined)
    return createReply(
      /denied|expired/i.test(output) ? prose.commandDenied(line) : prose.commandOutput(line, output.trim()),
    );
  if (!shell) return createReply(prose.noShell(line));
  const outside_sandbox = /\boutside\b|沙箱外/i.test(turn.message) || undefined;
  return {
    ...createReply(prose.runningCommand(line)),
    call: { name: shell, args: { command: line, outside_sandbox } },
  };
}

/** Finds a tool by the end of its name, since engines add a prefix: `it0__run_command`, `mcp__it0__run_command`. */
const findTool = ({ tools }: Turn, tool: string) => tools.find((name) => name === tool || name.endsWith(`__${tool}`));

/** Calls a tool of the platform. Returns undefined if the task does not have it. */
function callTool(turn: Turn, tool: string): Reply | undefined {
  const prose = PROSE[detectLanguage(turn)];
  const name = findTool(turn, tool);
  const output = turn.toolOutputs.at(-1);
  if (!name) return undefined;
  if (output !== undefined) return createReply(prose.toolOutput(tool, output.trim()));
  return { ...createReply(prose.callingTool(tool)), call: { name, args: {} } };
}

/** Runs each command that the message has in backticks, in order; outside the sandbox if the message has `outside`. */
function runCommands(turn: Turn): Answer {
  const commands = [...turn.message.matchAll(/`([^`\n]+)`/g)].map(([, line]) => line!);
  const next = commands[turn.toolOutputs.length] ?? commands.at(-1)!;
  return runCommand({ ...turn, toolOutputs: turn.toolOutputs.slice(commands.length - 1) }, next);
}

/** Reads a file with the file tool. Returns undefined if the task does not have it. */
function readFile(turn: Turn): Reply | undefined {
  const prose = PROSE[detectLanguage(turn)];
  const path = /`([^`\n]+)`/.exec(turn.message)![1]!;
  const output = turn.toolOutputs.at(-1);
  const name = findTool(turn, 'read_file');
  if (!name) return undefined;
  if (output !== undefined) return createReply(prose.toolOutput('read_file', output.trim()));
  return { ...createReply(prose.callingTool('read_file')), call: { name, args: { path } } };
}

const detectLanguage = ({ message }: Turn) => (/\p{Script=Han}/u.test(message) ? 'zh' : 'en');

/** Splits a text into deltas: words, or up to three characters in scripts without spaces. */
export const splitText = (text: string) =>
  text.match(/\s*(?:[\p{Script=Han}，。：；！？、]{1,3}|[^\s\p{Script=Han}]+)|\s+$/gu) ?? [];
