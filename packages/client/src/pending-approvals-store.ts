import type { AppRouter } from '@it0/api/router';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { inferRouterOutputs } from '@trpc/server';
import { createStore } from 'zustand/vanilla';
import { decideApproval, type PendingApproval } from './chat-source.ts';
import type { Client } from './client.ts';
import { getReason, isTransient } from './errors.ts';
import { retryLater } from './follow-session.ts';
import { after, type Schedule } from './schedule.ts';

type Change = inferRouterOutputs<AppRouter>['approval']['onChange'] extends AsyncIterable<infer Each> ? Each : never;
export type Settled = Change['settled'][number];

/** A command that waits, or for a moment longer what has become of it. */
export type PendingApprovalRow = { approval: PendingApproval; outcome: Settled | null };

export type PendingApprovalsState = {
  /** Null until it is known what waits. The oldest first. */
  rows: PendingApprovalRow[] | null;
  /** How many more wait, since the list shows so many. */
  notListed: number;
  /** False while what is shown may be behind: then nothing is decided. */
  live: boolean;
};

/** What the list needs of a server. */
export type PendingApprovalsSource = {
  subscribe(sink: {
    onChange(change: Change): void;
    onLive(live: boolean): void;
    /** It is over: with the error, or with null when the server closed it. */
    onEnd(error: unknown): void;
  }): { unsubscribe(): void };
  decide(approval: PendingApproval, decision: ApprovalDecision): Promise<unknown>;
};

export const pendingApprovalsSource = (trpc: Client): PendingApprovalsSource => ({
  subscribe: (sink) =>
    trpc.approval.onChange.subscribe(undefined, {
      onData: sink.onChange,
      onConnectionStateChange: ({ state }) => sink.onLive(state === 'pending'),
      onError: sink.onEnd,
      onComplete: () => sink.onEnd(null),
    }),
  decide: (approval, decision) => trpc.approval.resolve.mutate(decideApproval(approval, decision)),
});

type Options = { retry?: (attempt: number) => Schedule; linger?: Schedule };

/**
 * What waits for a decision everywhere, live. What was decided, here or elsewhere, stays a moment to say how and by
 * whom. `open` takes it up and returns what lets go of the server.
 */
export function createPendingApprovalsStore(
  source: PendingApprovalsSource,
  { retry = retryLater, linger = after(5_000) }: Options = {},
) {
  const store = createStore<PendingApprovalsState>(() => ({ rows: null, notListed: 0, live: false }));
  const { getState, setState } = store;

  function take({ pending, notListed, settled }: Change) {
    const outcomes = new Map(settled.map((outcome) => [outcome.approvalId, outcome]));
    const waiting = new Set(pending.map(({ approvalId }) => approvalId));
    const over = (getState().rows ?? []).flatMap(({ approval, outcome }) => {
      const known = outcome ?? outcomes.get(approval.approvalId);
      return known && !waiting.has(approval.approvalId) ? [{ approval, outcome: known }] : [];
    });
    const rows = [...over, ...pending.map((approval) => ({ approval, outcome: null }))];
    setState({ rows: rows.sort(byAge), notListed, live: true });
    if (outcomes.size > 0) linger(() => drop(outcomes));
  }

  const drop = (outcomes: ReadonlyMap<string, unknown>) =>
    setState(({ rows }) => ({
      rows: rows?.filter(({ approval, outcome }) => !outcome || !outcomes.has(approval.approvalId)) ?? null,
    }));

  function open() {
    let attempt = 0;
    let release = () => {};
    const subscribe = () => {
      let over = false;
      const { unsubscribe } = source.subscribe({
        onChange(change) {
          attempt = 0;
          take(change);
        },
        onLive: (live) => {
          if (!over && !live) setState({ live });
        },
        onEnd(error) {
          if (over) return;
          over = true;
          setState({ live: false });
          if (isTransient(getReason(error))) release = retry(attempt++)(subscribe);
        },
      });
      release = () => {
        over = true;
        unsubscribe();
      };
    };
    subscribe();
    return () => release();
  }

  return { ...store, open, decide: source.decide };
}
export type PendingApprovalsStore = ReturnType<typeof createPendingApprovalsStore>;

/** How many wait. */
export const countPending = ({ rows, notListed }: PendingApprovalsState) =>
  (rows ?? []).filter(({ outcome }) => !outcome).length + notListed;

const byAge = ({ approval: one }: PendingApprovalRow, { approval: other }: PendingApprovalRow) =>
  one.askedAt.localeCompare(other.askedAt) || one.approvalId.localeCompare(other.approvalId);
