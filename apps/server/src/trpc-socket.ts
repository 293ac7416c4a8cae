import type { Context, Person } from '@it0/api/context';
import { appRouter } from '@it0/api/router';
import { isTrackedEnvelope, TRPCError } from '@trpc/server';
import { parseTRPCMessage, type TRPCClientOutgoingMessage, type TRPCResponseMessage } from '@trpc/server/rpc';
import type { Logger } from 'pino';
import { type RawData, WebSocket } from 'ws';
import type { Knock } from './knock.ts';
import { type Call, callProcedure, failure } from './procedures.ts';
import { sendTo } from './slow-reader.ts';

/** How a client is let in: by its request, or by what it says first. */
export type Entry = { knock: Knock; introduces: boolean };

type RequestId = TRPCResponseMessage['id'];

/**
 * Answers one client that speaks tRPC's WebSocket protocol, as tRPC's own adapter does. That one holds several times as
 * much for a subscription that waits, and takes longer for each event.
 */
export class TrpcSocket {
  /** When the client last said something. */
  heardAt = Date.now();
  /** Who is on the other side, once that is known. */
  person: Person | null = null;
  readonly #client: WebSocket;
  #context: Promise<Context>;
  /** Takes the first message of a client that says there who it is. */
  #introduce: ((first: string) => void) | undefined;
  readonly #log: Logger;
  /** Null as long as the procedure has not answered. */
  readonly #streams = new Map<RequestId, AsyncIterator<unknown> | null>();

  constructor(client: WebSocket, { knock, introduces }: Entry, log: Logger) {
    this.#client = client;
    this.#log = log;
    this.#context = introduces
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
        this.person = person;
      },
      (cause: unknown) => {
        this.#fail(null, cause);
        // The client comes back, and asks again.
        setImmediate(() => client.close());
      },
    );
  }

  #receive(data: RawData) {
    this.heardAt = Date.now();
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
    for (const message of this.#parse(text)) void this.#answer(message);
  }

  #parse(text: string): TRPCClientOutgoingMessage[] {
    try {
      const parsed: unknown = JSON.parse(text);
      const { transformer } = appRouter._def._config;
      const messages = Array.isArray(parsed) ? parsed : [parsed];
      return messages.map((message) => parseTRPCMessage(message, transformer));
    } catch (cause) {
      this.#fail(null, new TRPCError({ code: 'PARSE_ERROR', cause }));
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
      else this.#send({ id, result: { type: 'data', data: await callProcedure(await this.#contextNow(), call) } });
    } catch (cause) {
      this.#fail(id, cause, call);
    }
  }

  /** Looks the person up again: a right that was taken away counts for the next call. */
  async #contextNow(): Promise<Context> {
    const ctx = await this.#context;
    return ctx.person ? { ...ctx, person: await ctx.services.findAgain(ctx.person) } : ctx;
  }

  /**
   * A subscription lasts until its iterator ends, which it does when it is returned. A signal for each would take as
   * much memory as all the rest.
   */
  async #stream(id: RequestId, call: Call) {
    this.#streams.set(id, null);
    const fail = (cause: unknown) => {
      this.#streams.delete(id);
      this.#fail(id, cause, call);
    };
    const iterable = await this.#contextNow()
      .then((ctx) => callProcedure(ctx, call))
      .catch(fail);
    if (!iterable || !this.#streams.has(id)) return;
    const iterator = (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    this.#streams.set(id, iterator);
    this.#send({ id, result: { type: 'started' } });
    // Not a loop: one that waits would keep the last value, which may be long.
    const next = () => void iterator.next().then(pass).catch(fail);
    const pass = ({ done, value }: IteratorResult<unknown>) => {
      if (done) return this.#stop(id);
      this.#send({ id, result: dataOf(value) });
      next();
    };
    next();
  }

  #stop(id: RequestId) {
    const iterator = this.#streams.get(id);
    if (!this.#streams.delete(id)) return;
    void iterator?.return?.();
    this.#send({ id, result: { type: 'stopped' } });
  }

  #fail(id: RequestId, cause: unknown, call?: Call) {
    this.#send({ id, error: failure(this.#log, cause, call) });
  }

  #send(message: TRPCResponseMessage) {
    sendTo(this.#client, JSON.stringify(message));
  }
}

function dataOf(value: unknown) {
  if (!isTrackedEnvelope(value)) return { type: 'data', data: value } as const;
  const [id, data] = value;
  return { type: 'data', id, data: { id, data } } as const;
}
