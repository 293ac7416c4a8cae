import { toInstancesChannel } from '@it0/bus/bus';
import type { AgentContext } from '../agent-services.ts';
import { type Instance, listInstances } from './instance.ts';

/** Streams the instances that the user can see, now and after every change. */
export const onStatus = (ctx: AgentContext): AsyncIterable<Instance[]> => new StatusReader(ctx);

/** The iterator behind `onStatus`. Unlike a generator, it ends at once on `return()`, even while it waits. */
class StatusReader implements AsyncIterableIterator<Instance[]> {
  readonly #ctx: AgentContext;
  readonly #stop: () => void;
  #last = '';
  #isDue = true;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(ctx: AgentContext) {
    this.#ctx = ctx;
    this.#stop = ctx.bus.subscribe(toInstancesChannel(ctx.user.tenantId), () => {
      this.#isDue = true;
      this.#wake?.();
    });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<Instance[]>> {
    while (!this.#ended) {
      if (!this.#isDue) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#ended) break;
      // Reset before the read, so that a change during the read causes another one.
      this.#isDue = false;
      const value = await listInstances(this.#ctx);
      const now = toJson(value);
      if (now === this.#last || this.#ended) continue;
      this.#last = now;
      return { done: false, value };
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<Instance[]>> {
    this.#ended = true;
    this.#stop();
    this.#wake?.();
    return { done: true, value: undefined };
  }
}

/** Serializes the list once for all streams of a person. */
const jsonCache = new WeakMap<Instance[], string>();
function toJson(list: Instance[]): string {
  const json = jsonCache.get(list) ?? JSON.stringify(list);
  jsonCache.set(list, json);
  return json;
}
