import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';

/** The session, run and call ids that the plugin in a real gateway adds to a call. */
export type Identity = { session: string; run: string; call: string };
export type ToolResult = { text: string; isError: boolean };
export type Tools = ReturnType<typeof createTools>;

const ToolResponse = z.object({
  result: z.object({ isError: z.boolean().optional(), content: z.array(z.object({ text: z.string() })) }),
});

const RETRY_MS = 200;
/** Returns whether an error is temporary: the bridge is starting, or its disk is full. */
const isTemporary = (text: string) => /No task is running|disk|readonly|I\/O/i.test(text);

/**
 * Creates a client of the bridge's tools. A failed call is repeated until it has a result, as after a gateway's
 * restart.
 */
export function createTools(url: string, token: string) {
  return {
    async runCommand(command: string, identity: Identity, signal: AbortSignal): Promise<ToolResult> {
      for (;;) {
        const result = await call({ command, _it0: identity }, signal).catch(() => null);
        if (result && !(result.isError && isTemporary(result.text))) return result;
        await after(RETRY_MS, undefined, { signal });
      }
    },
  };

  async function call(args: object, signal: AbortSignal): Promise<ToolResult> {
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
    const { result } = ToolResponse.parse(readBody(await response.text()));
    return { text: result.content.map(({ text }) => text).join('\n'), isError: result.isError ?? false };
  }
}

/** Parses a response, which is JSON or an event stream whose last message is the result. */
function readBody(body: string): unknown {
  const data = body.split('\n').findLast((line) => line.startsWith('data: '));
  return JSON.parse(data?.slice('data: '.length) ?? body);
}
