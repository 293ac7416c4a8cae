import type { ShownApproval } from '@it0/client/chat-source';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { useProblemOf } from '../ui/use-problem.ts';
import { TimeLeft } from './time-left.tsx';

type Props = {
  approval: ShownApproval & { expiresAt: string };
  /** What is shown may be behind: then nothing is decided. */
  live: boolean;
  decide(decision: ApprovalDecision): Promise<unknown>;
};

/** The two ways to answer, and how long there is. Buttons stay off until what was decided shows. */
export function Decide({ approval: { allowedDecisions, expiresAt }, live, decide }: Props) {
  const t = useTranslations('approval');
  const [deciding, setDeciding] = useState(false);
  const problemOf = useProblemOf();
  const say = async (decision: ApprovalDecision) => {
    setDeciding(true);
    try {
      await decide(decision);
    } catch (error) {
      setDeciding(false);
      toast.error(problemOf(error));
    }
  };
  const disabled = deciding || !live;
  return (
    <>
      {allowedDecisions.includes('allow-once') && (
        <Button look="warn" disabled={disabled} onClick={() => void say('allow-once')}>
          {t('allow')}
        </Button>
      )}
      {allowedDecisions.includes('deny') && (
        <Button disabled={disabled} onClick={() => void say('deny')}>
          {t('deny')}
        </Button>
      )}
      <TimeLeft until={expiresAt} />
    </>
  );
}

/** For whoever may not decide. */
export function Wait({ until }: { until: string }) {
  const t = useTranslations('approval');
  return (
    <>
      <p className="text-soft text-sm">{t('others')}</p>
      <TimeLeft until={until} />
    </>
  );
}
