import { approvalChannel } from '@it0/bus/bus';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import type { UserContext } from '../../context.ts';
import { listPending, listSettled, type PendingApproval, type SettledApproval } from './pending.ts';

/** What waits now, how much more does that is not listed, and what has become of what waited the last time. */
export type ApprovalChange = { pending: PendingApproval[]; notListed: number; settled: SettledApproval[] };

/** How soon it is seen what the bus lost, or that a time is over, while something waits. */
const LOOK_AGAIN_MS = 10_000;

/**
 * What waits for a decision, now and after every change. The bus says only that something has changed: what that is for
 * this user, the database says.
 */
export const onChange = (ctx: UserContext): AsyncIterable<ApprovalChange> => new PendingReader(ctx);

/** An iterator by hand, as a session's reader is: it waits nearly always, and ends at once when it is returned. */
class PendingReader implements AsyncIterableIterator<ApprovalChange> {
  readonly #ctx: Pick<UserContext, 'db' | 'bus' | 'log' | 'user' | 'sharedReads'>;
  #shown: string | undefined;
  #waiting: PendingApproval[] = [];
  #isDue = true;
  #ended = false;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #stop: () => void;

  constructor({ db, bus, log, user, sharedReads }: UserContext) {
    this.#ctx = { db, bus, log, user, sharedReads };
    this.#stop = bus.subscribe(approvalChannel(user.tenantId), () => this.#look());
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<ApprovalChange>> {
    try {
      while (!this.#ended) {
        if (!this.#isDue) await new Promise<void>((resolve) => (this.#wake = resolve));
        else {
          const value = await this.#read();
          if (value && !this.#ended) return { done: false, value };
        }
      }
    } catch (error) {
      this.#end();
      throw (await explainMissingTables(this.#ctx, this.#ctx.user.tenantId, error)) ?? error;
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<ApprovalChange>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #look() {
    this.#isDue = true;
    this.#wake?.();
  }

  #end() {
    this.#ended = true;
    this.#stop();
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  /** Undefined when nothing is new to this user. */
  async #read(): Promise<ApprovalChange | undefined> {
    this.#isDue = false;
    clearTimeout(this.#timer);
    const { approvals: pending, notListed } = await listPending(this.#ctx);
    const still = new Set(pending.map(({ approvalId }) => approvalId));
    const gone = this.#waiting.map(({ approvalId }) => approvalId).filter((id) => !still.has(id));
    const settled = await listSettled(this.#ctx, gone);
    this.#waiting = pending;
    if (pending.length > 0 && !this.#ended) this.#timer = setTimeout(() => this.#look(), LOOK_AGAIN_MS);
    const shown = JSON.stringify([pending, notListed]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    return { pending, notListed, settled };
  }
}
