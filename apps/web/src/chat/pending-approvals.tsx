import { useChat } from '@it0/client/react/chat-scope';
import { ShieldAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useShallow } from 'zustand/react/shallow';
import { usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';

/** Shows the number of pending approvals in the session, with a button that scrolls to the first one. */
export function PendingApprovals({ onReview }: { onReview(approvalId: string): void }) {
  const t = useTranslations('approval');
  const canDecide = usePermission('approval:decide');
  const pending = useChat(
    useShallow(({ turns }) =>
      turns.flatMap(({ reply }) =>
        (reply?.steps ?? []).flatMap((step) =>
          step.type === 'approval' && step.status === 'PENDING' ? [step.approvalId] : [],
        ),
      ),
    ),
  );
  const [first] = pending;
  if (!first) return null;
  return (
    <div className="chat-column flex items-center gap-2 px-4 pt-1 sm:px-6">
      <p className="flex min-w-0 flex-1 items-center gap-2 text-sm text-warn">
        <ShieldAlert className="size-4 shrink-0" />
        {t(canDecide ? 'review' : 'reviewOthers', { count: pending.length })}
      </p>
      <Button variant="ghost" className="text-warn!" onClick={() => onReview(first)}>
        {t('show')}
      </Button>
    </div>
  );
}
