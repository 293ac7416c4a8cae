import type { Answer } from '@it0/client/reduce-chat';
import { isTerminal } from '@it0/contracts/event-kinds';
import { CircleAlert, CircleSlash, Clock3 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../../sign-in/use-me.ts';
import { useNow } from '../../../ui/time/use-now.ts';
import { useDurationFormat } from '../tool/use-duration-format.ts';

type Props = { answer: Answer; sentAt: string | undefined; children?: ReactNode };

/** Shows the status of a task in one line. Renders nothing for a completed task. */
export function ReplyStatus({ answer, sentAt, children }: Props) {
  const t = useTranslations();
  const canDecide = usePermission('approval:decide');
  const { status, reason, detail, late, modelRetry } = answer;
  if (status === 'COMPLETED') return null;
  if (status === 'FAILED' || status === 'TIMED_OUT') {
    const name = () => <strong className="font-semibold text-bad">{t(`status.${status}`)}</strong>;
    const why = late ? t('status.late') : reason && t(`reasons.${reason}`);
    return (
      <div className="rounded-lg border border-bad/35 bg-bad-wash px-3.5 py-2.5">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-2">
          <CircleAlert className="size-4 shrink-0 text-bad" />
          <p className="min-w-0 flex-1">{why ? t.rich('status.because', { status: name, reason: why }) : name()}</p>
          {children}
        </div>
        {detail && <p className="mt-1.5 font-mono text-soft text-xs [overflow-wrap:anywhere]">{detail}</p>}
      </div>
    );
  }
  const Icon = status === 'CANCELLED' ? CircleSlash : status === 'QUEUED' ? Clock3 : null;
  const retry = status === 'RUNNING' ? modelRetry : undefined;
  return (
    <div className={`flex min-h-6 items-center gap-2 text-sm ${retry ? 'text-warn' : 'text-faint'}`}>
      {Icon ? <Icon className="size-3.5" /> : <Pulse waiting={status === 'WAITING_APPROVAL' || retry !== undefined} />}
      {retry
        ? t('status.modelRetry', { reason: retry.reason, attempt: retry.attempt + 1 })
        : t(toStatusKey(status, { reason, canDecide }))}
      {sentAt && !isTerminal(status) && <Elapsed since={sentAt} />}
      {children}
    </div>
  );
}

const toStatusKey = (
  status: Exclude<Answer['status'], 'COMPLETED'>,
  { reason, canDecide }: { reason: Answer['reason']; canDecide: boolean },
) => {
  if (status === 'WAITING_APPROVAL' && !canDecide) return 'status.waitingForOthers';
  return reason === 'WITHDRAWN' ? 'status.withdrawn' : (`status.${status}` as const);
};

/** Time from which the elapsed time is shown. A fast reply needs no clock. */
const SHOW_ELAPSED_MS = 3_000;

function Elapsed({ since }: { since: string }) {
  const formatDuration = useDurationFormat();
  const elapsedMs = useNow(1_000) - Date.parse(since);
  if (elapsedMs < SHOW_ELAPSED_MS) return null;
  return (
    <span data-testid="elapsed" className="whitespace-nowrap tabular-nums">
      {formatDuration(Math.floor(elapsedMs / 1_000) * 1_000, 'seconds')}
    </span>
  );
}

const Pulse = ({ waiting }: { waiting: boolean }) => (
  <span className={`mx-1 size-1.5 shrink-0 animate-breathe rounded-full ${waiting ? 'bg-warn' : 'bg-accent'}`} />
);
