import type { Instance } from '@it0/client/chat-source';
import { useNavigate } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, CirclePause, LoaderCircle } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useStatusDetail } from '../use-status-detail.ts';

const spinner = <LoaderCircle className="size-4.5 animate-spin text-soft" />;
const states = {
  RUNNING: { icon: <CircleCheck className="size-4.5 text-accent" />, text: 'runs' },
  DEPLOYING: { icon: spinner, text: 'starting' },
  STOPPED: { icon: <CirclePause className="size-4.5 text-faint" />, text: 'stopped' },
  ERROR: { icon: <CircleAlert className="size-4.5 text-bad" />, text: 'problem' },
} as const;

type Props = { instance: Instance; isEnrolled: boolean; isWaiting: boolean; onDone(): void };

/** Progress of the enrolling bridge, with a button that opens the chat when its agent runs. */
export function ConnectProgress({ instance, isEnrolled, isWaiting, onDone }: Props) {
  const { id, host, status } = instance;
  const t = useTranslations('connect');
  const detail = useStatusDetail()(instance);
  const navigate = useNavigate();
  const { icon, text } = states[status];
  const hasFailed = isEnrolled && status === 'ERROR';
  const openChat = () => {
    onDone();
    void navigate({ to: '/agents/$instanceId', params: { instanceId: id } });
  };
  return (
    <>
      <div role="status" data-testid="arrival" className="empty:hidden">
        {(isEnrolled || isWaiting) && (
          <p className="flex items-center gap-2.5 font-medium">
            <span className="shrink-0">{isEnrolled ? icon : spinner}</span>
            {isEnrolled ? t(text, { host: host ?? '' }) : t('waiting')}
          </p>
        )}
        {hasFailed && detail && (
          <p className="mt-2 whitespace-pre-wrap text-sm text-soft [overflow-wrap:anywhere]">{detail}</p>
        )}
      </div>
      {isEnrolled && status === 'RUNNING' && (
        <Button variant="solid" className="justify-self-start" onClick={openChat}>
          {t('chat')}
        </Button>
      )}
    </>
  );
}
