import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { ArrowDown } from 'lucide-react';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { PendingApprovals } from '../pending-approvals.tsx';
import { toApprovalElementId } from './approval-card.tsx';
import { OutgoingRow } from './outgoing-row.tsx';
import { TurnRow } from './turn-row.tsx';
import { useRows } from './use-rows.ts';

/** Distance from the end from which the button to jump back is shown. */
const NEAR_END_PX = 160;

/** Turns and unsent messages of the open session. */
export function Conversation({ name }: { name: string }) {
  const t = useTranslations('chat');
  const { chat } = useChatScope();
  const turns = useChat((state) => state.turns);
  const outgoing = useChat((state) => state.outgoing);
  const loadingOlder = useChat((state) => state.loadingOlder);
  const scroller = useRef<HTMLDivElement>(null);
  const keys = [...turns.map(({ key }) => key), ...outgoing.map(({ requestId }) => requestId)];
  const { rows, onScroll } = useRows(scroller, keys);

  const review = (approvalId: string) => {
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
    <div className="flex h-full flex-col">
      <div className="relative min-h-0 flex-1">
        <div
          ref={scroller}
          role="log"
          aria-live="off"
          aria-label={t('conversation')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
          tabIndex={0}
          onScroll={onScroll}
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
                  <div key={key} data-index={index} ref={rows.measureElement} className="pb-6">
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
        {!rows.isAtEnd(NEAR_END_PX) && (
          <Button
            onClick={() => rows.scrollToEnd({ behavior: 'smooth' })}
            className="-translate-x-1/2 absolute bottom-3 left-1/2 animate-fade-in rounded-full bg-raised shadow-(--shadow)"
          >
            <ArrowDown className="size-4" />
            {t('latest')}
          </Button>
        )}
      </div>
      <PendingApprovals onReview={review} />
    </div>
  );
}
