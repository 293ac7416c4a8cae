import { setImmediate } from 'node:timers/promises';
import type { Context, Person } from '@it0/api/context';
import { tooManyRequests } from '@it0/api/errors';
import { appRouter } from '@it0/api/router';
import { isTrackedEnvelope, TRPCError } from '@trpc/server';
import { parseTRPCMessage, type TRPCClientOutgoingMessage, type TRPCResponseMessage } from '@trpc/server/rpc';
import type { Logger } from 'pino';
import { type RawData, WebSocket } from 'ws';
import { type Call, callProcedure, toErrorResponse } from '../http/call-procedure.ts';
import { SOCKET_LIMITS } from '../http/limits.ts';
import type { Slots } from '../http/slots.ts';
import { sendFrame } from './backpressure.ts';
import type { AuthenticateSocket } from './socket-auth.ts';

/** How a client is let in: by its request, or by what it says first. */
export type Entry = { knock: AuthenticateSocket; sendsConnectionParams: boolean; network: string };

type RequestId = TRPCResponseMessage['id'];

/** Shared state of all sockets of a server. */
export type SocketHost = {
  log: Logger;
  /** Open streams per person, or per network where nobody is authenticated. */
  streams: Slots;
  /** Counts an authenticated socket for its person instead of its network; false when they have too many. */
  seat(person: Person, network: string): boolean;
};

/** An open subscription. Its iterator is null until the procedure returns. */
type Stream = { iterator: AsyncIterator<unknown> | null };

/** Creates the error for an exceeded limit of a socket or a person. */
const tooMuch = () => tooManyRequests(1);

/**
 * Answers one client that speaks tRPC's WebSocket protocol, as tRPC's own adapter does. That one holds several times as
 * much for a subscription that waits, and takes longer for each event.
 */
export class TrpcSocket {
  /** Times of the client's last message and of its connection. */
  lastSeenAt = Date.now();
  readonly #openedAt = this.lastSeenAt;
  /** Who is on the other side, once that is deps. */
  person: Person | null = null;
  readonly #client: WebSocket;
  #context: Promise<Context>;
  /** Takes the first message of a client that says there who it is. */
  #introduce: ((first: string) => void) | undefined;
  readonly #network: string;
  readonly #host: SocketHost;
  #calls = 0;
  /** Token bucket for frames, as of the last message. */
  #framesLeft: number = SOCKET_LIMITS.framesPerMinute / 2;
  readonly #streams = new Map<RequestId, Stream>();

  constructor(client: WebSocket, { knock, sendsConnectionParams, network }: Entry, host: SocketHost) {
    this.#client = client;
    this.#network = network;
    this.#host = host;
    this.#context = sendsConnectionParams
      ? new Promise<string>((resolve) => {
          this.#introduce = resolve;
        }).then(knock)
      : knock(null);
    client.on('message', (data) => this.#receive(data));
    client.once('close', () => {
      for (const id of this.#streams.keys()) this.#stop(id);
    });
    this.#context.then(
      ({ person }) => {
        if (client.readyState === WebSocket.CLOSED) return;
        if (person && !host.seat(person, network)) return this.#end(tooMuch());
        this.person = person;
      },
      (cause: unknown) => this.#end(cause),
    );
  }

  /** Returns whether the client has failed to authenticate in time. */
  get isLate() {
    return this.#introduce !== undefined && Date.now() - this.#openedAt > SOCKET_LIMITS.authMs;
  }

  #receive(data: RawData) {
    if (!this.#mayGoOn()) return this.#client.terminate();
    const text = String(data);
    if (text === 'PING') this.#client.send('PONG');
    if (text === 'PING' || text === 'PONG') return;
    // One that was asked to come back is let in anew, or not.
    if (this.#client.readyState !== WebSocket.OPEN) return;
    if (this.#introduce) {
      this.#introduce(text);
      this.#introduce = undefined;
      return;
    }
    void this.#answerAll(this.#parse(text));
  }

  /** Starts messages in portions, so that other work runs in between. */
  async #answerAll(messages: TRPCClientOutgoingMessage[]) {
    for (const [index, message] of messages.entries()) {
      if (index > 0 && index % SOCKET_LIMITS.messagesAtOnce === 0) await setImmediate();
      if (this.#client.readyState !== WebSocket.OPEN) return;
      void this.#answer(message);
    }
  }

  /** Returns whether the socket is within the rate limit of frames. */
  #mayGoOn() {
    const now = Date.now();
    const more = ((now - this.lastSeenAt) * SOCKET_LIMITS.framesPerMinute) / 60_000;
    this.lastSeenAt = now;
    this.#framesLeft = Math.min(SOCKET_LIMITS.framesPerMinute / 2, this.#framesLeft + more) - 1;
    return this.#framesLeft >= 0;
  }

  #parse(text: string): TRPCClientOutgoingMessage[] {
    try {
      const parsed: unknown = JSON.parse(text);
      const { transformer } = appRouter._def._config;
      const messages = Array.isArray(parsed) ? parsed : [parsed];
      if (messages.length > SOCKET_LIMITS.messages) throw tooMuch();
      return messages.map((message) => parseTRPCMessage(message, transformer));
    } catch (cause) {
      this.#fail(null, cause instanceof TRPCError ? cause : new TRPCError({ code: 'PARSE_ERROR', cause }));
      return [];
    }
  }

  async #answer(message: TRPCClientOutgoingMessage) {
    const { id, method } = message;
    if (method === 'subscription.stop') return this.#stop(id);
    const { path, lastEventId } = message.params;
    const input = lastEventId === undefined ? message.params.input : { ...Object(message.params.input), lastEventId };
    const call: Call = { type: method, path, input };
    try {
      if (id === null) throw new TRPCError({ code: 'PARSE_ERROR', message: '`id` is required' });
      if (this.#streams.has(id)) throw new TRPCError({ code: 'BAD_REQUEST', message: `Duplicate id ${id}` });
      if (method === 'subscription') await this.#stream(id, call);
      else this.#send({ id, result: { type: 'data', data: await this.#call(call) } });
    } catch (cause) {
      this.#fail(id, cause, call);
    }
  }

  /** Reads the caller's rights again for each call, so that a revoked right takes effect at once. */
  async #contextNow(): Promise<Context> {
    const ctx = await this.#context;
    return ctx.person ? { ...ctx, person: await ctx.services.refreshUser(ctx.person) } : ctx;
  }

  async #call(call: Call) {
    if (this.#calls >= SOCKET_LIMITS.calls) throw tooMuch();
    this.#calls++;
    try {
      return await callProcedure(await this.#contextNow(), call);
    } finally {
      this.#calls--;
    }
  }

  /**
   * A subscription lasts until its iterator ends, which it does when it is returned. A signal for each would take as
   * much memory as all the rest.
   */
  async #stream(id: RequestId, call: Call) {
    if (this.#streams.size >= SOCKET_LIMITS.streams) throw tooMuch();
    const stream: Stream = { iterator: null };
    this.#streams.set(id, stream);
    const fail = (cause: unknown) => {
      if (this.#streams.get(id) !== stream) return;
      this.#forget(id);
      this.#fail(id, cause, call);
    };
    const iterable = await this.#contextNow()
      .then((ctx) => callProcedure(ctx, call))
      .catch(fail);
    if (!iterable) return;
    const iterator = (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const isWanted = this.#streams.get(id) === stream;
    if (!isWanted || !this.#host.streams.take(this.#who)) {
      // The stream is already listening.
      void iterator.return?.();
      return isWanted ? fail(tooMuch()) : undefined;
    }
    stream.iterator = iterator;
    this.#send({ id, result: { type: 'started' } });
    // Not a loop: one that waits would keep the last value, which may be long.
    const next = () => void iterator.next().then(pass).catch(fail);
    const pass = ({ done, value }: IteratorResult<unknown>) => {
      if (this.#streams.get(id) !== stream) return;
      if (done) return this.#stop(id);
      this.#send({ id, result: dataOf(value) });
      next();
    };
    next();
  }

  #stop(id: RequestId) {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#forget(id);
    void stream.iterator?.return?.();
    this.#send({ id, result: { type: 'stopped' } });
  }

  #forget(id: RequestId) {
    if (this.#streams.get(id)?.iterator) this.#host.streams.release(this.#who);
    this.#streams.delete(id);
  }

  /** Returns the key of this socket's caller in the stream limit. */
  get #who() {
    return this.person?.id ?? this.#network;
  }

  #end(cause: unknown) {
    this.#fail(null, cause);
    // The client reconnects and subscribes again.
    void setImmediate().then(() => this.#client.close());
  }

  #fail(id: RequestId, cause: unknown, call?: Call) {
    this.#send({ id, error: toErrorResponse(this.#host.log, cause, call) });
  }

  #send(message: TRPCResponseMessage) {
    sendFrame(this.#client, JSON.stringify(message));
  }
}

function dataOf(value: unknown) {
  if (!isTrackedEnvelope(value)) return { type: 'data', data: value } as const;
  const [id, data] = value;
  return { type: 'data', id, data: { id, data } } as const;
}
