import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { Turn } from '@it0/client/reduce-chat';
import { ArrowDown } from 'lucide-react';
import { type RefObject, useLayoutEffect, useMemo, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { PendingApprovals } from '../pending-approvals.tsx';
import { toApprovalElementId } from './approval-card.tsx';
import { OutgoingRow } from './outgoing-row.tsx';
import { TurnRow } from './turn-row.tsx';
import { useRowEstimate } from './use-row-estimate.ts';
import { useRows } from './use-rows.ts';
import { useShownTurns } from './use-shown-turns.ts';
import { EditScope } from './versions/edit-scope.tsx';
import { OtherBranches } from './versions/other-branches.tsx';

/** Distance from the end from which the button to jump back is shown. */
const NEAR_END_PX = 160;

/** Turns of the open session that are shown, and its unsent messages. */
export function Conversation({ name }: { name: string }) {
  const view = useChat((state) => state.view);
  const hasFocus = useRef(false);
  return (
    <EditScope>
      <View key={view} name={name} hasFocus={hasFocus} />
    </EditScope>
  );
}

type ViewProps = {
  name: string;
  /** Whether the focus was in the previous view, and moves to this one. */
  hasFocus: RefObject<boolean>;
};

function View({ name, hasFocus }: ViewProps) {
  const t = useTranslations('chat');
  const { chat } = useChatScope();
  const turns = useShownTurns();
  const isAtLatest = useChat((state) => state.window === null);
  const outgoing = useChat((state) => (state.window ? NO_MESSAGES : state.outgoing));
  const target = useChat((state) => state.anchor);
  const loadingOlder = useChat((state) => state.loadingOlder);
  const scroller = useRef<HTMLDivElement>(null);
  const keys = [...turns.map(({ key }) => key), ...outgoing.map(({ requestId }) => requestId)];
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
  const { rows, onScroll, onKeyDown, jumpToLatest } = useRows(scroller, { keys, estimateSize, anchor, isAtLatest });

  const review = (approvalId: string) => {
    chat.showLatest();
    const hasApproval = (turn: (typeof turns)[number]) =>
      turn.reply?.steps.some((step) => step.type === 'approval' && step.approvalId === approvalId);
    rows.scrollToIndex(chat.getState().turns.findIndex(hasApproval), { align: 'end' });
    // The virtual list renders the row two frames later.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        const card = document.getElementById(toApprovalElementId(approvalId));
        card?.scrollIntoView({ block: 'center' });
        card?.focus({ preventScroll: true });
      });
    });
  };
  const items = rows.getVirtualItems();
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
          className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:-outline-offset-2"
        >
          <div className="relative mx-auto max-w-3xl" style={{ height: rows.getTotalSize() }}>
            <div
              className="absolute inset-x-0 top-0 px-4 sm:px-6"
              style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
            >
              {items.map(({ key, index }) => {
                const turn = turns[index];
                const message = outgoing[index - turns.length];
                return (
                  <div
                    key={key}
                    data-index={index}
                    data-marked={(target?.isMarked && turn?.taskId === target.taskId) || undefined}
                    ref={rows.measureElement}
                    className="pb-6 data-marked:border-accent data-marked:border-l-2 data-marked:pl-3"
                  >
                    {turn && <TurnRow turn={turn} previousAt={turns[index - 1]?.message?.createdAt} name={name} />}
                    {message && <OutgoingRow message={message} />}
                  </div>
                );
              })}
            </div>
          </div>
        </div>
        {loadingOlder && (
          <p className="-translate-x-1/2 absolute top-2 left-1/2 animate-late rounded-full border border-line bg-raised px-3 py-1 text-soft text-sm">
            {t('older')}
          </p>
        )}
        {!(isAtLatest && rows.isAtEnd(NEAR_END_PX)) && (
          <Button
            onClick={jumpToLatest}
            className="-translate-x-1/2 absolute bottom-3 left-1/2 animate-fade-in rounded-full bg-raised shadow-(--shadow)"
          >
            <ArrowDown className="size-4" />
            {t('latest')}
          </Button>
        )}
      </div>
      <PendingApprovals onReview={review} />
      <OtherBranches />
    </div>
  );
}

const NO_MESSAGES: never[] = [];

/** Returns the row of the requested turn, as a new object for each request. The row can move when older pages are loaded. */
function useAnchor(turns: Turn[], target: { taskId: string } | null) {
  const index = target ? turns.findIndex(({ taskId }) => taskId === target.taskId) : -1;
  const isLoaded = index >= 0;
  return useMemo(() => (target && isLoaded ? { index } : null), [target, isLoaded]);
}
