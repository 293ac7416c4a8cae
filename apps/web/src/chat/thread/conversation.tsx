import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { Turn } from '@it0/client/reduce-chat';
import { ArrowDown } from 'lucide-react';
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useShallow } from 'zustand/react/shallow';
import { Button } from '../../ui/button.tsx';
import { PendingApprovals } from '../pending-approvals.tsx';
import { useCanWrite } from '../use-can-write.ts';
import { DayButton } from './day/day-button.tsx';
import { listShownTurns } from './list-shown-turns.ts';
import { toApprovalElementId } from './reply/approval-card.tsx';
import { listRowKeys, Row } from './row.tsx';
import { useRowEstimate } from './use-row-estimate.ts';
import { useRows } from './use-rows.ts';
import { OtherBranches } from './versions/other-branches.tsx';
import { RequestedVersionScope } from './versions/requested-version.tsx';

/** Turns of the open session that are shown, and its unsent messages. */
export function Conversation(props: Props) {
  const view = useChat((state) => state.view);
  const hasFocus = useRef(false);
  const reviewed = useRef<Review>(null);
  return (
    <RequestedVersionScope>
      <View key={view} {...{ hasFocus, reviewed }} {...props} />
    </RequestedVersionScope>
  );
}

/** Request to show a pending approval and to focus it. */
export type Review = { approvalId: string };

type Props = { name: string; review: Review | null };
type ViewProps = Props & {
  /** Whether the focus was in the previous view, and moves to this one. */
  hasFocus: RefObject<boolean>;
  /** Request that was fulfilled already. */
  reviewed: RefObject<Review | null>;
};

function View({ name, review, hasFocus, reviewed }: ViewProps) {
  const t = useTranslations('chat');
  const { chat } = useChatScope();
  // The rows themselves follow their turns. Other turns always come with other keys.
  const canWrite = useCanWrite();
  const keys = useChat(useShallow((state) => listRowKeys(state, canWrite)));
  const turns = listShownTurns(chat.getState(), canWrite);
  const isAtLatest = useChat((state) => state.window === null);
  const target = useChat((state) => state.anchor);
  const loadingOlder = useChat((state) => state.loadingOlder);
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useAnchor(turns, target);
  const estimateSize = useRowEstimate(scroller, turns);
  const container = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = container.current;
    if (hasFocus.current) scroller.current?.focus({ preventScroll: true });
    return () => {
      hasFocus.current = element?.contains(document.activeElement) ?? false;
    };
  }, [hasFocus]);
  const options = { keys, estimateSize, anchor, isAtLatest };
  const { rows, isNearEnd, onScroll, onKeyDown, jumpToLatest } = useRows(scroller, options);

  const topMessage = turns[rows.range?.startIndex ?? 0]?.message;

  const showApproval = (approvalId: string) => {
    chat.showLatest();
    const index = listShownTurns(chat.getState(), canWrite).findIndex((turn) => hasApproval(turn, approvalId));
    rows.scrollToIndex(index, { align: 'end' });
    // The virtual list renders the row two frames later.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        const card = document.getElementById(toApprovalElementId(approvalId));
        card?.scrollIntoView({ block: 'center' });
        card?.focus({ preventScroll: true });
      });
    });
  };
  useEffect(() => {
    if (!review || reviewed.current === review) return;
    if (!chat.getState().turns.some((turn) => hasApproval(turn, review.approvalId))) return;
    reviewed.current = review;
    showApproval(review.approvalId);
  });
  return (
    <div ref={container} className="flex h-full flex-col">
      <div className="relative min-h-0 flex-1">
        <div
          ref={scroller}
          role="log"
          aria-live="off"
          aria-label={t('conversation')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
          tabIndex={0}
          onScroll={onScroll}
          onKeyDown={onKeyDown}
          // Contained, so that a change of a row lays out nothing around the box. Opaque, so that the compositor scrolls it.
          className="contain-strict h-full overflow-y-auto overscroll-contain bg-panel [overflow-anchor:none] focus-visible:-outline-offset-2"
        >
          <div ref={rows.containerRef} className="chat-column relative">
            {rows.getVirtualItems().map(({ key, index }) => (
              <Row
                key={key}
                id={String(key)}
                previousId={keys[index - 1]}
                index={index}
                name={name}
                measure={rows.measureElement}
              />
            ))}
          </div>
        </div>
        {!isNearEnd && topMessage && <DayButton at={topMessage.createdAt} />}
        {loadingOlder && (
          <p className="-translate-x-1/2 absolute top-14 left-1/2 animate-late rounded-full border border-line bg-raised px-3 py-1 text-soft text-sm">
            {t('older')}
          </p>
        )}
        {!(isAtLatest && isNearEnd) && (
          <Button
            onClick={jumpToLatest}
            className="-translate-x-1/2 absolute bottom-3 left-1/2 animate-fade-in rounded-full bg-raised shadow-(--shadow)"
          >
            <ArrowDown className="size-4" />
            {t('latest')}
          </Button>
        )}
      </div>
      <PendingApprovals onReview={showApproval} />
      <OtherBranches />
    </div>
  );
}

const hasApproval = ({ reply }: Turn, approvalId: string) =>
  reply?.steps.some((step) => step.type === 'approval' && step.approvalId === approvalId) ?? false;

/** Returns the row of the requested turn, as a new object for each request. The row can move when older pages are loaded. */
function useAnchor(turns: Turn[], target: { taskId: string } | null) {
  const index = target ? turns.findIndex(({ taskId }) => taskId === target.taskId) : -1;
  const isLoaded = index >= 0;
  return useMemo(() => (target && isLoaded ? { index } : null), [target, isLoaded]);
}
