import { setImmediate } from 'node:timers/promises';
import type { Person } from '@it0/api/caller';
import type { Context } from '@it0/api/context';
import { tooManyRequests } from '@it0/api/errors';
import { appRouter } from '@it0/api/router';
import { isTrackedEnvelope, TRPCError } from '@trpc/server';
import { parseTRPCMessage, type TRPCClientOutgoingMessage, type TRPCResponseMessage } from '@trpc/server/rpc';
import type { Logger } from 'pino';
import { type RawData, WebSocket } from 'ws';
import { runInTurn } from '../event-loop-turn.ts';
import { type Call, callProcedure, toErrorResponse } from '../http/call-procedure.ts';
import { SOCKET_LIMITS } from '../http/limits.ts';
import type { Slots } from '../http/slots.ts';
import { sendFrame } from './backpressure.ts';
import type { AuthenticateSocket } from './socket-auth.ts';

/** Upgrade request of a client, which authenticates by it or by its first message. */
export type Handshake = { authenticate: AuthenticateSocket; sendsConnectionParams: boolean; network: string };

type RequestId = TRPCResponseMessage['id'];

/** Shared state of all sockets of a server. */
export type SocketHost = {
  log: Logger;
  /** Open streams per person, or per network of unauthenticated clients. */
  streams: Slots;
  /**
   * Counts an authenticated socket for its person instead of its network. Returns false when the person has too many.
   */
  claimSlot(person: Person, network: string): boolean;
};

/** An open subscription. Its iterator is null until the procedure returns. */
type Stream = { iterator: AsyncIterator<unknown> | null };

/** Creates the error for an exceeded limit of a socket or a person. */
const limitExceededError = () => tooManyRequests(1);

/**
 * Connection of one client that speaks tRPC's WebSocket protocol. tRPC's own adapter needs several times as much memory
 * for an idle subscription, and more time for each event.
 */
export class TrpcSocket {
  /** Time of the client's last message, initially of its connection. */
  lastSeenAt = Date.now();
  readonly #openedAt = this.lastSeenAt;
  /** Authenticated person; null before authentication, and for an unauthenticated client. */
  person: Person | null = null;
  readonly #client: WebSocket;
  #context: Promise<Context>;
  /** Receives the first message of a client that sends connection params. */
  #resolveParams: ((first: string) => void) | undefined;
  readonly #network: string;
  readonly #host: SocketHost;
  #calls = 0;
  /** Token bucket for frames, as of the last message. */
  #framesLeft: number = SOCKET_LIMITS.framesPerMinute / 2;
  readonly #streams = new Map<RequestId, Stream>();

  constructor(client: WebSocket, { authenticate, sendsConnectionParams, network }: Handshake, host: SocketHost) {
    this.#client = client;
    this.#network = network;
    this.#host = host;
    this.#context = sendsConnectionParams
      ? new Promise<string>((resolve) => {
          this.#resolveParams = resolve;
        }).then(authenticate)
      : authenticate(null);
    client.on('message', (data) => this.#receive(data));
    client.once('close', () => {
      for (const id of this.#streams.keys()) this.#stop(id);
    });
    this.#context.then(
      ({ person }) => {
        if (client.readyState === WebSocket.CLOSED) return;
        if (person && !host.claimSlot(person, network)) return this.#end(limitExceededError());
        this.person = person;
      },
      (cause: unknown) => this.#end(cause),
    );
  }

  /** Returns whether the client has failed to authenticate in time. */
  get isLate() {
    return this.#resolveParams !== undefined && Date.now() - this.#openedAt > SOCKET_LIMITS.authMs;
  }

  #receive(data: RawData) {
    if (!this.#takeFrameToken()) return this.#client.terminate();
    runInTurn(() => this.#read(data));
  }

  #read(data: RawData) {
    const text = String(data);
    if (text === 'PING') this.#client.send('PONG');
    if (text === 'PING' || text === 'PONG') return;
    // A client that was asked to reconnect must authenticate again first.
    if (this.#client.readyState !== WebSocket.OPEN) return;
    if (this.#resolveParams) {
      this.#resolveParams(text);
      this.#resolveParams = undefined;
      return;
    }
    void this.#handleAll(this.#parse(text));
  }

  /** Starts messages in portions, so that other work runs in between. */
  async #handleAll(messages: TRPCClientOutgoingMessage[]) {
    for (const [index, message] of messages.entries()) {
      if (index > 0 && index % SOCKET_LIMITS.messagesAtOnce === 0) await setImmediate();
      if (this.#client.readyState !== WebSocket.OPEN) return;
      void this.#handle(message);
    }
  }

  /** Takes a token for one frame. Returns false when the rate limit is exceeded. */
  #takeFrameToken() {
    const now = Date.now();
    const refill = ((now - this.lastSeenAt) * SOCKET_LIMITS.framesPerMinute) / 60_000;
    this.lastSeenAt = now;
    this.#framesLeft = Math.min(SOCKET_LIMITS.framesPerMinute / 2, this.#framesLeft + refill) - 1;
    return this.#framesLeft >= 0;
  }

  #parse(text: string): TRPCClientOutgoingMessage[] {
    try {
      const parsed: unknown = JSON.parse(text);
      const { transformer } = appRouter._def._config;
      const messages = Array.isArray(parsed) ? parsed : [parsed];
      if (messages.length > SOCKET_LIMITS.messages) throw limitExceededError();
      return messages.map((message) => parseTRPCMessage(message, transformer));
    } catch (cause) {
      this.#fail(null, cause instanceof TRPCError ? cause : new TRPCError({ code: 'PARSE_ERROR', cause }));
      return [];
    }
  }

  async #handle(message: TRPCClientOutgoingMessage) {
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
  async #refreshContext(): Promise<Context> {
    const ctx = await this.#context;
    return ctx.person ? { ...ctx, person: await ctx.services.refreshUser(ctx.person) } : ctx;
  }

  async #call(call: Call) {
    if (this.#calls >= SOCKET_LIMITS.calls) throw limitExceededError();
    this.#calls++;
    try {
      return await callProcedure(await this.#refreshContext(), call);
    } finally {
      this.#calls--;
    }
  }

  /**
   * Starts a subscription, which lasts until its iterator ends. To stop it, the iterator is returned. An abort signal
   * for each would double the memory of a subscription.
   */
  async #stream(id: RequestId, call: Call) {
    if (this.#streams.size >= SOCKET_LIMITS.streams) throw limitExceededError();
    const stream: Stream = { iterator: null };
    this.#streams.set(id, stream);
    const fail = (cause: unknown) => {
      if (this.#streams.get(id) !== stream) return;
      this.#removeStream(id);
      this.#fail(id, cause, call);
    };
    const iterable = await this.#refreshContext()
      .then((ctx) => callProcedure(ctx, call))
      .catch(fail);
    if (!iterable) return;
    const iterator = (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const isOpen = this.#streams.get(id) === stream;
    if (!isOpen || !this.#host.streams.acquire(this.#callerKey)) {
      // The procedure has already subscribed to the bus.
      void iterator.return?.();
      return isOpen ? fail(limitExceededError()) : undefined;
    }
    stream.iterator = iterator;
    this.#send({ id, result: { type: 'started' } });
    // Not a loop: while it waits, it would keep the last value in memory, which can be large.
    const next = () => void iterator.next().then(pass).catch(fail);
    const pass = ({ done, value }: IteratorResult<unknown>) => {
      if (this.#streams.get(id) !== stream) return;
      if (done) return this.#stop(id);
      this.#send({ id, result: toDataResult(value) });
      next();
    };
    next();
  }

  #stop(id: RequestId) {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#removeStream(id);
    void stream.iterator?.return?.();
    this.#send({ id, result: { type: 'stopped' } });
  }

  #removeStream(id: RequestId) {
    if (this.#streams.get(id)?.iterator) this.#host.streams.release(this.#callerKey);
    this.#streams.delete(id);
  }

  /** Returns the key of this socket's caller in the stream limit. */
  get #callerKey() {
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

function toDataResult(value: unknown) {
  if (!isTrackedEnvelope(value)) return { type: 'data', data: value } as const;
  const [id, data] = value;
  return { type: 'data', id, data: { id, data } } as const;
}
