import type { Instance } from '@it0/client/chat-source';
import { useNavigate } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, CirclePause, LoaderCircle } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { useStatusDetail } from './use-status-detail.ts';

const spinner = <LoaderCircle className="size-4.5 animate-spin text-soft" />;
const looks = {
  RUNNING: { icon: <CircleCheck className="size-4.5 text-accent" />, says: 'runs' },
  DEPLOYING: { icon: spinner, says: 'starting' },
  STOPPED: { icon: <CirclePause className="size-4.5 text-faint" />, says: 'stopped' },
  ERROR: { icon: <CircleAlert className="size-4.5 text-bad" />, says: 'trouble' },
} as const;

type Props = { instance: Instance; isHere: boolean; isAwaited: boolean; onDone(): void };

/** What is heard of the bridge that was asked for, as it happens; at the end the way to its agent. */
export function Arrival({ instance, isHere, isAwaited, onDone }: Props) {
  const { id, host, status } = instance;
  const t = useTranslations('connect');
  const detail = useStatusDetail()(instance);
  const navigate = useNavigate();
  const { icon, says } = looks[status];
  const isTrouble = isHere && status === 'ERROR';
  const chat = () => {
    onDone();
    void navigate({ to: '/agents/$instanceId', params: { instanceId: id } });
  };
  return (
    <>
      <div role="status" data-testid="arrival" className="empty:hidden">
        {(isHere || isAwaited) && (
          <p className="flex items-center gap-2.5 font-medium">
            <span className="shrink-0">{isHere ? icon : spinner}</span>
            {isHere ? t(says, { host: host ?? '' }) : t('waiting')}
          </p>
        )}
        {isTrouble && detail && (
          <p className="mt-2 whitespace-pre-wrap text-sm text-soft [overflow-wrap:anywhere]">{detail}</p>
        )}
      </div>
      {isHere && status === 'RUNNING' && (
        <Button look="solid" className="justify-self-start" onClick={chat}>
          {t('chat')}
        </Button>
      )}
    </>
  );
}
