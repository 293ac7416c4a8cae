import type { SharedReads } from '../shared-reads.ts';
import { type StreamContext, StreamReader } from './stream-reader.ts';

type ChangeContext = StreamContext & { sharedReads: SharedReads };

/** Defines a stream of changes. */
export type ChangeOptions<State, Value> = {
  /** Reads the current state with the rights of the user. Readers may share it, so it must not be changed. */
  read(ctx: ChangeContext): Promise<State>;
  /** Creates the value to send from a state that differs from `previous`, the last one. */
  toValue(state: State, previous: State | undefined, ctx: ChangeContext): Value | Promise<Value>;
  /** Interval at which the state is read without a message, in case time changed it or the bus lost a message. */
  recheckMs: number;
};

/**
 * Streams a state, now and after every change. A message on the channel only signals that something may have changed:
 * the state is then read from the database, and nothing is sent if it is the same for this user.
 */
export class ChangeReader<State extends object, Value> extends StreamReader<Value, ChangeContext> {
  readonly #options: ChangeOptions<State, Value>;
  #state: State | undefined;

  constructor(
    { db, bus, log, user, sharedReads }: ChangeContext,
    channel: string,
    options: ChangeOptions<State, Value>,
  ) {
    super({ db, bus, log, user, sharedReads }, channel);
    this.#options = options;
    this.changed.set();
  }

  protected receive() {
    this.changed.set();
  }

  protected async read(): Promise<Value | undefined> {
    const { read, toValue, recheckMs } = this.#options;
    // The signal is reset before the read, so that a change during the read causes another one.
    await this.changed.waitFor(recheckMs);
    if (this.isEnded) return;
    const previous = this.#state;
    const state = await read(this.ctx);
    if (previous && toJson(state) === toJson(previous)) return;
    this.#state = state;
    return toValue(state, previous, this.ctx);
  }
}

/** Serializes a state once for all readers that share it. */
const jsonCache = new WeakMap<object, string>();
function toJson(state: object): string {
  const json = jsonCache.get(state) ?? JSON.stringify(state);
  jsonCache.set(state, json);
  return json;
}
