import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { useProblemOf } from '../ui/use-problem.ts';
import { type AskedApproval, isOutside } from './question.tsx';
import { TimeLeft } from './time-left.tsx';

type Props = {
  approval: AskedApproval;
  /** What is shown may be behind: then nothing is allowed. */
  live: boolean;
  /** All of it was in view; until then nothing is allowed either, and `whyNot` is the element that says so. */
  isSeen: boolean;
  whyNot: string;
  decide(decision: ApprovalDecision): Promise<unknown>;
};

/** The two ways to answer, and how long there is. Buttons stay off until what was decided shows; *Deny* needs nothing. */
export function Decide({ approval, live, isSeen, whyNot, decide }: Props) {
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
  const { allowedDecisions, expiresAt } = approval;
  const allowed = live && isSeen;
  return (
    <>
      {allowedDecisions.includes('allow-once') && (
        <Button
          look={isOutside(approval) ? 'alarm' : 'warn'}
          disabled={deciding}
          // Not `disabled`: it can be reached with a keyboard, and then says why.
          aria-disabled={!allowed}
          aria-describedby={isSeen ? undefined : whyNot}
          onClick={() => allowed && void say('allow-once')}
        >
          {t(isOutside(approval) ? 'allowOutside' : 'allow')}
        </Button>
      )}
      {allowedDecisions.includes('deny') && (
        <Button disabled={deciding} onClick={() => void say('deny')}>
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
