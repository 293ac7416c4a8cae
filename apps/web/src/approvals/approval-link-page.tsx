import { getReason } from '@it0/client/errors';
import type { ApprovalStatus } from '@it0/contracts/chat-event';
import { Link, Navigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { trpc } from '../trpc.ts';
import { Notice } from '../ui/notice.tsx';
import { toast } from '../ui/toast/toast.ts';
import { useErrorMessage } from '../ui/use-error-message.ts';

/** Opens the conversation of an approval at its card. Says so if it is decided, or does not exist for this user. */
export function ApprovalLinkPage({ approvalId }: { approvalId: string }) {
  const t = useTranslations();
  const formatError = useErrorMessage();
  const { data, error } = trpc.approval.find.useQuery({ approvalId }, { gcTime: 0 });
  if (data) return <Opened approvalId={approvalId} {...data} />;
  if (!error) return null;
  const isMissing = ['APPROVAL_NOT_FOUND', 'INVALID_INPUT'].includes(getReason(error) ?? '');
  return (
    <Notice role="alert" heading="h1" title={t(isMissing ? 'approval.gone' : 'app.broken')}>
      <p className="first-letter:uppercase">{isMissing ? t('approval.goneBody') : formatError(error)}</p>
      <Link to="/" className="text-accent underline underline-offset-2 pointer-coarse:py-2.5">
        {t('app.back')}
      </Link>
    </Notice>
  );
}

type OpenedProps = {
  approvalId: string;
  instanceId: string | null;
  sessionId: string;
  taskId: string;
  status: ApprovalStatus;
};

function Opened({ approvalId, instanceId, sessionId, taskId, status }: OpenedProps) {
  const t = useTranslations('approval');
  const isPending = status === 'PENDING';
  useEffect(() => {
    if (!isPending) toast.info(t('alreadyDecided', { outcome: t(status) }), { id: approvalId });
  }, [isPending, status, approvalId, t]);
  const search = { session: sessionId, message: taskId, ...(isPending ? { approval: approvalId } : {}) };
  if (instanceId) return <Navigate replace to="/agents/$instanceId" params={{ instanceId }} search={search} />;
  return <Navigate replace to="/assistant" search={search} />;
}
