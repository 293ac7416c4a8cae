import type { ApprovalStep, Part, ToolStep } from '@it0/contracts/reply';
import { shallow } from 'zustand/vanilla/shallow';

/** Tool call with the approval of its command. */
export type ToolItem = {
  type: 'tool';
  key: string;
  tool: ToolStep;
  /** The final approval, which is shown as part of the call. */
  decision: ApprovalStep | null;
  /** The card of the approval is shown beside the call, and has its command. */
  hasCard: boolean;
};
/** Part of a reply as it is shown, so that a command is shown once. */
export type ReplyItem =
  | ToolItem
  | { type: 'run'; key: string; items: ToolItem[] }
  | { type: 'approval'; key: string; approval: ApprovalStep; isFinal: boolean }
  | { type: 'text'; key: string; text: string };

/** Calls in a row that are all shown. Longer runs are folded. */
const MAX_CALLS = 3;
/** Calls at the end of a run that stay visible while the reply goes on. */
const OPEN_CALLS = 2;

/**
 * Arranges the parts of a reply. A decided approval becomes part of its call when the reply has ended; before, its card
 * stays, so that nothing moves under a pointer. Runs of calls are folded.
 */
export function arrangeParts(parts: readonly Part[], isEnded: boolean): ReplyItem[] {
  const calls = new Set(parts.flatMap((part) => (part.type === 'tool' ? part.callId : [])));
  const isFinal = ({ status, decidedByRule }: ApprovalStep) => status !== 'PENDING' && (isEnded || !!decidedByRule);
  const approvals = new Map<string, ApprovalStep>();
  for (const part of parts) {
    if (part.type === 'approval' && part.callId && calls.has(part.callId)) approvals.set(part.callId, part);
  }
  const items = parts.flatMap((part, index): Exclude<ReplyItem, { type: 'run' }>[] => {
    if (part.type === 'attachment') return [];
    if (part.type === 'text') return [{ type: 'text', key: String(index), text: part.text }];
    if (part.type === 'approval') {
      const final = isFinal(part);
      if (final && part.callId && approvals.get(part.callId) === part) return [];
      return [{ type: 'approval', key: part.approvalId, approval: part, isFinal: final }];
    }
    const approval = approvals.get(part.callId);
    const decision = approval && isFinal(approval) ? approval : null;
    return [{ type: 'tool', key: part.callId, tool: part, decision, hasCard: approval !== undefined && !decision }];
  });
  return foldRuns(items, isEnded);
}

/** Returns whether two items of a reply show the same. */
export function isSameItem(a: ReplyItem, b: ReplyItem): boolean {
  if (a.type === 'run' && b.type === 'run')
    return a.items.length === b.items.length && a.items.every((item, index) => isSameItem(item, b.items[index]!));
  return shallow(a, b);
}

function foldRuns(items: Exclude<ReplyItem, { type: 'run' }>[], isEnded: boolean): ReplyItem[] {
  const folded: ReplyItem[] = [];
  let run: ToolItem[] = [];
  const endRun = (isLast: boolean) => {
    const limit = isLast && !isEnded ? run.length - OPEN_CALLS : run.length;
    const firstOpen = run.findIndex(({ tool, hasCard }) => tool.status === 'running' || hasCard);
    const count = run.length <= MAX_CALLS ? 0 : Math.min(limit, firstOpen < 0 ? limit : firstOpen);
    if (count > 1) folded.push({ type: 'run', key: `run-${run[0]!.key}`, items: run.slice(0, count) });
    folded.push(...run.slice(count > 1 ? count : 0));
    run = [];
  };
  for (const item of items) {
    if (item.type === 'tool') {
      run.push(item);
      continue;
    }
    endRun(false);
    folded.push(item);
  }
  endRun(true);
  return folded;
}
