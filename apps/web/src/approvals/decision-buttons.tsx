import type { ApprovalToDecide } from '@it0/client/chat-source';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toast/toast.ts';
import { useErrorMessage } from '../ui/use-error-message.ts';
import { isUnsandboxed } from './approval-style.ts';

type Props = {
  approval: ApprovalToDecide;
  /** False while the card can be outdated; then *Allow* is disabled. */
  live: boolean;
  /** True once all of it was in view. Until then *Allow* is disabled; the element with the id `hintId` explains it. */
  isVisible: boolean;
  hintId: string;
  decide(decision: ApprovalDecision): Promise<unknown>;
};

/** Shows both decisions. Both are disabled while one is sent. */
export function DecisionButtons({ approval, live, isVisible, hintId, decide }: Props) {
  const t = useTranslations('approval');
  const [deciding, setDeciding] = useState(false);
  const formatError = useErrorMessage();
  const send = async (decision: ApprovalDecision) => {
    setDeciding(true);
    try {
      await decide(decision);
    } catch (error) {
      setDeciding(false);
      toast.error(formatError(error));
    }
  };
  const { allowedDecisions } = approval;
  const allowed = live && isVisible;
  return (
    <>
      {allowedDecisions.includes('allow-once') && (
        <Button
          variant={isUnsandboxed(approval) ? 'danger' : 'warning'}
          disabled={deciding}
          // Not `disabled`, so that it can get focus and a screen reader can read the reason.
          aria-disabled={!allowed}
          aria-describedby={isVisible ? undefined : hintId}
          onClick={() => allowed && void send('allow-once')}
        >
          {t(isUnsandboxed(approval) ? 'allowUnsandboxed' : 'allow')}
        </Button>
      )}
      {allowedDecisions.includes('deny') && (
        <Button disabled={deciding} onClick={() => void send('deny')}>
          {t('deny')}
        </Button>
      )}
    </>
  );
}
