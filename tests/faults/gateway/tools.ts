import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';

/** Which run of which conversation makes a call, as the plugin in a real gateway adds it. */
export type Identity = { session: string; run: string; call: string };
export type ToolAnswer = { text: string; isError: boolean };
export type Tools = ReturnType<typeof createTools>;

const Answer = z.object({
  result: z.object({ isError: z.boolean().optional(), content: z.array(z.object({ text: z.string() })) }),
});

const againAfterMs = 200;
/** What is no answer to the question: the call met a bridge that stops, that has yet to find its tasks, or a full disk. */
const isPassing = (text: string) => /No task is running|bridge is stopping|disk|readonly|I\/O/i.test(text);

/** The tools of the bridge. A call that breaks is made again until it is answered, as an agent's is by a gateway that comes back. */
export function createTools(url: string, token: string) {
  return {
    async runCommand(command: string, identity: Identity, signal: AbortSignal): Promise<ToolAnswer> {
      for (;;) {
        const answer = await call({ command, _it0: identity }, signal).catch(() => null);
        if (answer && !(answer.isError && isPassing(answer.text))) return answer;
        await after(againAfterMs, undefined, { signal });
      }
    },
  };

  async function call(args: object, signal: AbortSignal): Promise<ToolAnswer> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
        params: { name: 'run_command', arguments: args },
      }),
      signal,
    });
    const { result } = Answer.parse(readBody(await response.text()));
    return { text: result.content.map(({ text }) => text).join('\n'), isError: result.isError ?? false };
  }
}

/** The answer comes as JSON, or as the last message of an event stream. */
function readBody(body: string): unknown {
  const data = body.split('\n').findLast((line) => line.startsWith('data: '));
  return JSON.parse(data?.slice('data: '.length) ?? body);
}
