import type { Delivery } from '@it0/bus/bus';
import { explainMissingTables } from '../auth/tenant/missing-tables.ts';
import type { UserContext } from '../core.ts';
import { Signal } from '../signal.ts';

/** The part of the request context that every reader needs. */
export type StreamContext = Pick<UserContext, 'db' | 'bus' | 'log' | 'user'>;

/**
 * Base of the iterators behind subscriptions: listens to a channel of the bus, and calls `read` until the stream ends.
 * It is not a generator for two reasons: there may be very many readers, and a waiting one should use little memory; and
 * `return()` must end it at once, even while it waits. For the first reason, `ctx` should have only what is used.
 */
export abstract class StreamReader<T, Ctx extends StreamContext> implements AsyncIterableIterator<T> {
  protected readonly ctx: Ctx;
  /** Set by everything that `read` waits for, and by the end of the stream. */
  protected readonly changed = new Signal();
  protected isEnded = false;
  readonly #unsubscribe: () => void;

  constructor(ctx: Ctx, channel: string) {
    this.ctx = ctx;
    this.#unsubscribe = ctx.bus.subscribe(channel, (delivery) => this.receive(delivery));
  }

  /** Receives what the bus delivers. */
  protected abstract receive(delivery: Delivery): void;

  /** Returns the next value, or undefined after a step without one, such as a wait for `changed`. */
  protected abstract read(): T | undefined | Promise<T | undefined>;

  /** Ends the stream and its wait. Can be called more than once. */
  protected end() {
    if (!this.isEnded) this.#unsubscribe();
    this.isEnded = true;
    this.changed.set();
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** Throws TENANT_NOT_FOUND or TENANT_UNAVAILABLE when the tenant has no tables. */
  async next(): Promise<IteratorResult<T>> {
    try {
      while (!this.isEnded) {
        const value = await this.read();
        if (value !== undefined && !this.isEnded) return { done: false, value };
      }
    } catch (error) {
      this.end();
      throw (await explainMissingTables(this.ctx, this.ctx.user.tenantId, error)) ?? error;
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<T>> {
    this.end();
    return { done: true, value: undefined };
  }
}
