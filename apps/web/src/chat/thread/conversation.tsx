import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { ArrowDown } from 'lucide-react';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { PendingApprovals } from '../pending-approvals.tsx';
import { approvalElement } from './approval-card.tsx';
import { OutgoingRow } from './outgoing-row.tsx';
import { TurnRow } from './turn-row.tsx';
import { useRows } from './use-rows.ts';

/** So far from the end, in pixels, a way back is offered. */
const nearEnd = 160;

/** All turns of the open session, and what has not been sent in it. */
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
    const holds = (turn: (typeof turns)[number]) =>
      turn.reply?.steps.some((step) => step.type === 'approval' && step.approvalId === approvalId);
    rows.scrollToIndex(chat.getState().turns.findIndex(holds), { align: 'end' });
    // The row is on the page a frame later.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        const card = document.getElementById(approvalElement(approvalId));
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
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what has the focus
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
                    {turn && <TurnRow turn={turn} name={name} />}
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
        {!rows.isAtEnd(nearEnd) && (
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
