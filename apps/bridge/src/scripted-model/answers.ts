import type { Turn } from './conversation.ts';
import { PROSE } from './prose.ts';

/** What the scripted model does next: refuse, or say something at a pace and perhaps call a tool. */
export type Answer = Refusal | Reply;
export type Refusal = { type: 'refuse'; status: number; message: string };
export type Reply = { type: 'say'; text: string; paceMs: number; call?: { name: string; args: object } };

const paceMs = 25;

/** The words that choose an answer, in order; the first that matches and has one wins. */
const scenes = [
  [/(?:\brun|执行)[^`]*`[^`\n]+`/i, run],
  [/(?:\bread|读取)[^`]*`[^`\n]+`/i, read],
  [/\bidle|空闲/i, (turn) => ask(turn, 'list_instances')],
  [/\bapproval|批准|审批/i, (turn) => ask(turn, 'pending_approvals')],
  [/\bfailed|失败/i, (turn) => ask(turn, 'recent_failures')],
  [/\bslow|慢/i, slow],
  [/\berror|错误/i, refuseAsAsked],
  [/\bcode|代码/i, (turn) => say(PROSE[languageOf(turn)].code)],
  [/\bstatus|\buptime|状态/i, (turn) => command(turn, 'uptime')],
  [/\bdisk|磁盘/i, (turn) => command(turn, 'df -h')],
] satisfies [RegExp, (turn: Turn) => Answer | undefined][];

/** The scripted answer to a turn: the same turn always gets the same answer, in the language it was asked in. */
export function chooseAnswer(turn: Turn): Answer {
  for (const [words, scene] of scenes) {
    const answer = words.test(turn.message) ? scene(turn) : undefined;
    if (answer) return answer;
  }
  const words = PROSE[languageOf(turn)];
  return say(turn.attachments.length > 0 ? words.receivedFiles(turn.attachments) : words.fallback);
}

/** `error 401` and the like fail as a provider does for that reason. */
function refuseAsAsked({ message }: Turn): Refusal {
  const [kind = ''] = /\b(401|429|529)\b|too long|太长/i.exec(message) ?? [];
  const said: Record<string, string> = {
    401: 'invalid x-api-key',
    429: 'This request would exceed your rate limit.',
    529: 'Overloaded',
  };
  if (said[kind]) return refuse(Number(kind), said[kind]);
  if (kind) return refuse(400, 'prompt is too long: 250000 tokens > 200000 maximum');
  return refuse(400, 'The scripted model refuses on request.');
}

const say = (text: string): Reply => ({ type: 'say', text, paceMs });
const refuse = (status: number, message: string): Refusal => ({ type: 'refuse', status, message });

/** About half a minute, whatever the language. */
function slow(turn: Turn): Reply {
  const text = PROSE[languageOf(turn)].slow;
  return { type: 'say', text, paceMs: 30_000 / splitText(text).length };
}

function command(turn: Turn, line: string): Reply {
  const words = PROSE[languageOf(turn)];
  const output = turn.toolOutputs.at(-1);
  const shell = toolNamed(turn, 'run_command');
  if (output !== undefined)
    return say(/denied|expired/i.test(output) ? words.commandDenied(line) : words.commandOutput(line, output.trim()));
  if (!shell) return say(words.noShell(line));
  const outside_sandbox = /\boutside\b|沙箱外/i.test(turn.message) || undefined;
  return { ...say(words.runningCommand(line)), call: { name: shell, args: { command: line, outside_sandbox } } };
}

/** Finds a tool by the end of its name, since engines add a prefix: `it0__run_command`, `mcp__it0__run_command`. */
const toolNamed = ({ tools }: Turn, tool: string) =>
  tools.find((offered) => offered === tool || offered.endsWith(`__${tool}`));

/** Asks a tool of the platform, by whatever prefix it is offered. Nothing where it is not. */
function ask(turn: Turn, tool: string): Reply | undefined {
  const words = PROSE[languageOf(turn)];
  const name = toolNamed(turn, tool);
  const output = turn.toolOutputs.at(-1);
  if (!name) return undefined;
  if (output !== undefined) return say(words.toolOutput(tool, output.trim()));
  return { ...say(words.callingTool(tool)), call: { name, args: {} } };
}

/** Runs each command that the message has in backticks, in order; outside the sandbox if the message has `outside`. */
function run(turn: Turn): Answer {
  const commands = [...turn.message.matchAll(/`([^`\n]+)`/g)].map(([, line]) => line!);
  const next = commands[turn.toolOutputs.length] ?? commands.at(-1)!;
  return command({ ...turn, toolOutputs: turn.toolOutputs.slice(commands.length - 1) }, next);
}

/** Reads a file with the tool for it, where there is one. */
function read(turn: Turn): Reply | undefined {
  const words = PROSE[languageOf(turn)];
  const path = /`([^`\n]+)`/.exec(turn.message)![1]!;
  const output = turn.toolOutputs.at(-1);
  const name = toolNamed(turn, 'read_file');
  if (!name) return undefined;
  if (output !== undefined) return say(words.toolOutput('read_file', output.trim()));
  return { ...say(words.callingTool('read_file')), call: { name, args: { path } } };
}

const languageOf = ({ message }: Turn) => (/\p{Script=Han}/u.test(message) ? 'zh' : 'en');

/** A text in the pieces it is streamed in: words, or two or three characters where words have no spaces. */
export const splitText = (text: string) =>
  text.match(/\s*(?:[\p{Script=Han}，。：；！？、]{1,3}|[^\s\p{Script=Han}]+)|\s+$/gu) ?? [];
