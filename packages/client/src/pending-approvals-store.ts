import type { AppRouter } from '@it0/api/router';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import type { inferRouterOutputs } from '@trpc/server';
import { createStore } from 'zustand/vanilla';
import { type PendingApproval, toDecisionInput } from './chat-source.ts';
import type { Client } from './client.ts';
import { getReason, isTransient } from './errors.ts';
import { retryWithBackoff } from './follow-session.ts';
import { after, type Schedule } from './schedule.ts';

type Change = inferRouterOutputs<AppRouter>['approval']['onChange'] extends AsyncIterable<infer Each> ? Each : never;
/** Outcome of an approval that is no longer pending. */
export type SettledApproval = Change['settled'][number];

/** A pending approval, or a settled one that is shown with its outcome for a moment. */
export type PendingApprovalRow = { approval: PendingApproval; outcome: SettledApproval | null };

/** State of the list of pending approvals. */
export type PendingApprovalsState = {
  /** Null until the list is loaded. The oldest approval comes first. */
  rows: PendingApprovalRow[] | null;
  /** Number of pending approvals beyond the limit of the list. */
  notListed: number;
  /** False while the list can be outdated. Decisions are disabled then. */
  live: boolean;
};

/** The server as the list uses it. */
export type PendingApprovalsSource = {
  subscribe(sink: {
    onChange(change: Change): void;
    /** False while the connection is lost. */
    onLive(live: boolean): void;
    /** Called once at the end of the stream, with its error, or with null when the server closed it. */
    onEnd(error: unknown): void;
  }): { unsubscribe(): void };
  /** Rejects with `APPROVAL_CHANGED` or `APPROVAL_DECIDED` if the approval is not pending as it was shown. */
  decide(approval: PendingApproval, decision: ApprovalDecision): Promise<unknown>;
};

/** Creates the source of all pending approvals in the tenant that the user can see. */
export const createPendingApprovalsSource = (trpc: Client): PendingApprovalsSource => ({
  subscribe: (sink) =>
    trpc.approval.onChange.subscribe(undefined, {
      onData: sink.onChange,
      onConnectionStateChange: ({ state }) => sink.onLive(state === 'pending'),
      onError: sink.onEnd,
      onComplete: () => sink.onEnd(null),
    }),
  decide: (approval, decision) => trpc.approval.resolve.mutate(toDecisionInput(approval, decision)),
});

type Options = { retry?: (attempt: number) => Schedule; linger?: Schedule };

/**
 * Creates the live list of pending approvals of all sessions. A settled approval stays in it for a moment (`linger`, by
 * default 5 s) to show its outcome. `open` subscribes and returns a function that unsubscribes.
 */
export function createPendingApprovalsStore(
  source: PendingApprovalsSource,
  { retry = retryWithBackoff, linger = after(5_000) }: Options = {},
) {
  const store = createStore<PendingApprovalsState>(() => ({ rows: null, notListed: 0, live: false }));
  const { getState, setState } = store;

  function applyChange({ pending, notListed, settled }: Change) {
    const outcomes = new Map(settled.map((outcome) => [outcome.approvalId, outcome]));
    const pendingIds = new Set(pending.map(({ approvalId }) => approvalId));
    const settledRows = (getState().rows ?? []).flatMap(({ approval, outcome }) => {
      const settledAs = outcome ?? outcomes.get(approval.approvalId);
      return settledAs && !pendingIds.has(approval.approvalId) ? [{ approval, outcome: settledAs }] : [];
    });
    const rows = [...settledRows, ...pending.map((approval) => ({ approval, outcome: null }))];
    setState({ rows: rows.sort(byAge), notListed, live: true });
    if (outcomes.size > 0) linger(() => drop(outcomes));
  }

  const drop = (outcomes: ReadonlyMap<string, unknown>) =>
    setState(({ rows }) => ({
      rows: rows?.filter(({ approval, outcome }) => !outcome || !outcomes.has(approval.approvalId)) ?? null,
    }));

  function open() {
    let attempt = 0;
    let stop = () => {};
    const subscribe = () => {
      let isStopped = false;
      const { unsubscribe } = source.subscribe({
        onChange(change) {
          attempt = 0;
          applyChange(change);
        },
        onLive: (live) => {
          if (!isStopped && !live) setState({ live });
        },
        onEnd(error) {
          if (isStopped) return;
          isStopped = true;
          setState({ live: false });
          if (isTransient(getReason(error))) stop = retry(attempt++)(subscribe);
        },
      });
      stop = () => {
        isStopped = true;
        unsubscribe();
      };
    };
    subscribe();
    return () => stop();
  }

  return { ...store, open, decide: source.decide };
}

/** Store of the pending approvals, made by `createPendingApprovalsStore`. */
export type PendingApprovalsStore = ReturnType<typeof createPendingApprovalsStore>;

/** Returns the number of pending approvals, including those beyond the limit of the list. */
export const countPending = ({ rows, notListed }: PendingApprovalsState) =>
  (rows ?? []).filter(({ outcome }) => !outcome).length + notListed;

const byAge = ({ approval: one }: PendingApprovalRow, { approval: other }: PendingApprovalRow) =>
  one.askedAt.localeCompare(other.askedAt) || one.approvalId.localeCompare(other.approvalId);
