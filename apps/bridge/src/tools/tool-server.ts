import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { createToken, isSameToken } from '@it0/node/token';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import { z } from 'zod';
import { callTool, type ResolvedCall } from './call-tool.ts';
import type { ToolTask } from './task-tools.ts';
import type { Tool } from './tool.ts';

export type ToolServer = Awaited<ReturnType<typeof startToolServer>>;

/** The address that the configuration of a running gateway has. */
export type FixedAddress = { port: number; token: string };

/** The timeout of a call on the agent's side: an approval and a command of half an hour each, with a margin. */
export const TOOL_CALL_TIMEOUT_MS = 2 * 3_600_000;

/** The prefix that OpenClaw adds to the names of the bridge's tools. */
export const TOOL_PREFIX = 'it0__';

/** The ids that the plugin in OpenClaw's gateway adds to a call's arguments: its session, run and call. */
const Identity = z.object({ session: z.string(), run: z.string(), call: z.string() });
/** The metadata that Claude Code sends with a call: the id of its tool use. */
const Meta = z.object({ 'claudecode/toolUseId': z.string() });
/** The largest request body; it fits the longest command and the largest file. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * Serves the bridge's tools over MCP on loopback. A request has either a gateway's token, and its call names the
 * session whose task it is for, or the token of one task.
 */
export async function startToolServer(tools: Record<string, Tool>, log: Logger, fixed?: FixedAddress) {
  const token = fixed?.token ?? createToken();
  let isClosing = false;
  const bySession = new Map<string, ToolTask>();
  const byToken = new Map<string, ToolTask>();
  const server = createServer((req, res) => {
    respond(req, res).catch((error: unknown) => {
      log.warn({ err: error }, 'a tool call failed without a response');
      res.destroy();
    });
  });
  await once(server.listen(fixed?.port ?? 0, '127.0.0.1'), 'listening');

  async function respond(req: IncomingMessage, res: ServerResponse) {
    const bearer = req.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const task = byToken.get(bearer);
    // Only a browser sends an origin, and no web page may call the tools.
    if (req.headers.origin !== undefined || !(task || isSameToken(bearer, token)))
      return refuse(res, 401, { reason: 'NOT_SIGNED_IN', message: 'The token is missing or wrong.' });
    const disconnected = new AbortController();
    res.on('close', () => disconnected.abort('the client disconnected'));
    const resolve = (params: CallParams) => (task ? resolveByMeta(task, params) : resolveByIdentity(params));
    const handler = createMcpHandler(() => createServerFor(resolve, disconnected.signal), {
      maxRequestBodySize: MAX_BODY_BYTES,
    });
    const body = await readBody(req);
    if (body === null)
      return refuse(res, 413, {
        reason: 'BODY_TOO_LARGE',
        message: `The request body is larger than ${MAX_BODY_BYTES} bytes.`,
      });
    const response = await handler.fetch(toWebRequest(req, body));
    res.writeHead(response.status, Object.fromEntries(response.headers));
    if (!response.body) return void res.end();
    await pipeline(Readable.fromWeb(response.body as ReadableStream), res).catch(() => res.destroy());
  }

  function resolveByIdentity({ arguments: { _it0, ...input } = {} }: CallParams) {
    const identity = Identity.safeParse(_it0).data;
    const task = identity && bySession.get(identity.session);
    return task && { task, callId: identity.call, input };
  }

  const resolveByMeta = (task: ToolTask, { arguments: input = {}, _meta }: CallParams) => ({
    task,
    callId: Meta.safeParse(_meta).data?.['claudecode/toolUseId'] ?? `call_${randomBytes(8).toString('hex')}`,
    input,
  });

  function createServerFor(resolve: ResolveCall, signal: AbortSignal) {
    const mcp = new Server({ name: 'it0', version: '1' }, { capabilities: { tools: {} } });
    mcp.setRequestHandler('tools/list', () => ({ tools: listTools(tools) }));
    mcp.setRequestHandler('tools/call', async ({ params }) => {
      const call = resolve(params as CallParams);
      const { text, isError, image } = await callTool(tools, params.name, call, signal);
      if (isClosing) return new Promise<never>(() => {});
      return {
        isError,
        content: [
          { type: 'text' as const, text },
          ...(image ? [{ type: 'image' as const, mimeType: image.mediaType, data: image.data }] : []),
        ],
      };
    });
    return mcp;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    /** The token of a gateway, whose calls name their session. */
    token,
    /** Serves a task to the calls of a gateway's session until disposed. */
    serveSession: (session: string, task: ToolTask) => register(bySession, session, task),
    /** Serves a task to clients with the returned token until disposed. */
    serveTask(task: ToolTask) {
      const token = createToken();
      return { token, ...register(byToken, token, task) };
    },
    /**
     * Leaves all calls without a response until the server closes. With a response, the agent would continue without
     * the result instead of repeating the call after a restart.
     */
    stopResponding() {
      isClosing = true;
    },
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type CallParams = { name: string; arguments?: Record<string, unknown>; _meta?: unknown };
type ResolveCall = (params: CallParams) => ResolvedCall | undefined;

function register(tasks: Map<string, ToolTask>, key: string, task: ToolTask): Disposable {
  tasks.set(key, task);
  return {
    [Symbol.dispose]() {
      if (tasks.get(key) === task) tasks.delete(key);
    },
  };
}

const listTools = (tools: Record<string, Tool>) =>
  Object.entries(tools).map(([name, { description, input }]) => ({
    name,
    description,
    inputSchema: z.toJSONSchema(input, { io: 'input', target: 'draft-7' }) as { type: 'object' },
  }));

const refuse = (res: ServerResponse, status: number, error: ErrorResponse) =>
  void res.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(error));

/** Reads a body. Returns null when it is larger than `MAX_BODY_BYTES`. */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toWebRequest({ method, headers }: IncomingMessage, body: string): Request {
  const forwarded = Object.entries(headers).filter(([name]) => /^(accept|content-type|mcp-.+)$/.test(name));
  const init = { method, headers: forwarded as [string, string][], body: method === 'POST' ? body : undefined };
  return new Request('http://localhost/mcp', init);
}
