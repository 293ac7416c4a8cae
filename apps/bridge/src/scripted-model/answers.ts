import type { Turn } from './conversation.ts';
import { prose } from './prose.ts';

/** What the scripted model does next: refuse, or say something at a pace and perhaps call the exec tool. */
export type Answer =
  | { type: 'refuse'; status: number; message: string }
  | { type: 'say'; text: string; paceMs: number; command?: string };

const paceMs = 25;

/** The words that choose an answer, in order; the first that matches wins. */
const scenes = [
  [/\bslow|慢/i, slow],
  [/\berror|错误/i, () => ({ type: 'refuse', status: 400, message: 'The scripted model refuses on request.' })],
  [/\bcode|代码/i, (turn) => say(prose[languageOf(turn)].code)],
  [/\bstatus|\buptime|状态/i, (turn) => command(turn, 'uptime')],
  [/\bdisk|磁盘/i, (turn) => command(turn, 'df -h')],
] satisfies [RegExp, (turn: Turn) => Answer][];

/** The scripted answer to a turn: the same turn always gets the same answer, in the language it was asked in. */
export function answerTo(turn: Turn): Answer {
  const scene = scenes.find(([words]) => words.test(turn.message))?.[1];
  return scene ? scene(turn) : say(prose[languageOf(turn)].anything);
}

const say = (text: string): Answer => ({ type: 'say', text, paceMs });

/** About half a minute, whatever the language. */
function slow(turn: Turn): Answer {
  const text = prose[languageOf(turn)].slow;
  return { type: 'say', text, paceMs: 30_000 / pieces(text).length };
}

function command(turn: Turn, line: string): Answer {
  const words = prose[languageOf(turn)];
  const output = turn.toolOutputs.at(-1);
  if (output === undefined) return { ...(say(words.looking(line)) as Answer & { type: 'say' }), command: line };
  return say(/denied|expired/i.test(output) ? words.denied(line) : words.quoting(line, output.trim()));
}

const languageOf = ({ message }: Turn) => (/\p{Script=Han}/u.test(message) ? 'zh' : 'en');

/** A text in the pieces it is streamed in: words, or two or three characters where words have no spaces. */
export const pieces = (text: string) =>
  text.match(/\s*(?:[\p{Script=Han}，。：；！？、]{1,3}|[^\s\p{Script=Han}]+)|\s+$/gu) ?? [];
