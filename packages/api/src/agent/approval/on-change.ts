import { toApprovalsChannel } from '@it0/bus/bus';
import { explainMissingTables } from '../../auth/tenant/missing-tables.ts';
import type { AgentContext } from '../agent-services.ts';
import { listPending, listSettled, type PendingApproval, type SettledApproval } from './pending.ts';

/**
 * The pending approvals, the number of those beyond the limit of the list, and the outcome of approvals that were in
 * the previous list.
 */
export type ApprovalChange = { pending: PendingApproval[]; notListed: number; settled: SettledApproval[] };

/** Interval at which the list is read while approvals are pending, in case one expires or the bus lost a message. */
const RECHECK_MS = 10_000;

/**
 * Streams the pending approvals that the user can see, now and after every change. The bus only signals that something
 * changed; the list is then read from the database with the rights of the user.
 */
export const onChange = (ctx: AgentContext): AsyncIterable<ApprovalChange> => new PendingReader(ctx);

/** The iterator behind `onChange`. Unlike a generator, it ends at once on `return()`, even while it waits. */
class PendingReader implements AsyncIterableIterator<ApprovalChange> {
  readonly #ctx: Pick<AgentContext, 'db' | 'bus' | 'log' | 'user' | 'sharedReads'>;
  #lastSent: string | undefined;
  #pending: PendingApproval[] = [];
  #isDue = true;
  #ended = false;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #stop: () => void;

  constructor({ db, bus, log, user, sharedReads }: AgentContext) {
    this.#ctx = { db, bus, log, user, sharedReads };
    this.#stop = bus.subscribe(toApprovalsChannel(user.tenantId), () => this.#refresh());
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

  #refresh() {
    this.#isDue = true;
    this.#wake?.();
  }

  #end() {
    this.#ended = true;
    this.#stop();
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  /** Reads the list. Returns undefined when it has not changed for this user. */
  async #read(): Promise<ApprovalChange | undefined> {
    this.#isDue = false;
    clearTimeout(this.#timer);
    const { approvals: pending, notListed } = await listPending(this.#ctx);
    const pendingIds = new Set(pending.map(({ approvalId }) => approvalId));
    const settledIds = this.#pending.map(({ approvalId }) => approvalId).filter((id) => !pendingIds.has(id));
    const settled = await listSettled(this.#ctx, settledIds);
    this.#pending = pending;
    if (pending.length > 0 && !this.#ended) this.#timer = setTimeout(() => this.#refresh(), RECHECK_MS);
    const json = JSON.stringify([pending, notListed]);
    if (json === this.#lastSent) return;
    this.#lastSent = json;
    return { pending, notListed, settled };
  }
}
