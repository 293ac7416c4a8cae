import type { Instance } from '@it0/client/chat-source';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CirclePause, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { useAgo } from '../ui/use-ago.ts';

export const card =
  'flex h-full min-h-36 w-full flex-col rounded-xl border border-line bg-panel p-4 text-left shadow-(--shadow) transition-[border-color,background] hover:border-line-strong hover:bg-raised aria-[current]:border-accent aria-[current]:bg-raised';

/** One agent. A running one opens its chat; any other says why it cannot. */
export function AgentCard({ instance, open }: { instance: Instance; open: boolean }) {
  const t = useTranslations('agents');
  const { id, name, status, statusDetail } = instance;
  if (status === 'RUNNING')
    return (
      <Link
        id={`agent-${id}`}
        data-testid="agent-card"
        to="/agents/$instanceId"
        params={{ instanceId: id }}
        aria-current={open || undefined}
        className={card}
      >
        <Content instance={instance} />
      </Link>
    );
  const tell = () => {
    const options = { id, description: statusDetail };
    if (status === 'DEPLOYING') toast.info(t('deploying', { name }), options);
    else if (status === 'STOPPED') toast.warning(t('stopped', { name }), options);
    else toast.error(t('error', { name }), options);
  };
  return (
    <button
      id={`agent-${id}`}
      data-testid="agent-card"
      type="button"
      aria-current={open || undefined}
      onClick={tell}
      className={card}
    >
      <Content instance={instance} />
    </button>
  );
}

function Content({ instance }: { instance: Instance }) {
  const t = useTranslations('agents');
  const { name, status, statusDetail, modelName, scripted, mine, ownerName } = instance;
  return (
    <>
      <span className="flex items-start gap-3">
        <span className="line-clamp-2 min-w-0 flex-1 break-words font-semibold leading-snug">{name}</span>
        <Status status={status} />
      </span>
      <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <Model scripted={scripted} modelName={modelName} />
        {!mine && ownerName && <span className="truncate text-faint">{t('ofOwner', { name: ownerName })}</span>}
      </span>
      {statusDetail && <span className="mt-2 line-clamp-2 text-faint text-sm">{statusDetail}</span>}
      <Doing agent={instance} className={mine ? 'pr-27 pointer-coarse:pr-33' : ''} />
    </>
  );
}

/** What answers: the scripted model, which is said plainly, or another one. */
export function Model({ scripted, modelName }: Pick<Instance, 'scripted' | 'modelName'>) {
  const t = useTranslations('agents');
  if (!scripted)
    return <span className="truncate font-mono text-faint text-xs leading-5">{modelName ?? t('noModel')}</span>;
  return (
    <span className="rounded-md border border-warn/35 bg-warn-wash px-1.5 text-warn text-xs leading-5">
      {t('scripted')}
    </span>
  );
}

/** What an agent does and waits for, or when it last did something. */
type DoingProps = { agent: Pick<Instance, 'runningTasks' | 'pendingApprovals' | 'lastActiveAt'>; className?: string };

export function Doing({ agent, className = '' }: DoingProps) {
  const t = useTranslations('agents');
  const ago = useAgo();
  const decides = usePermission('approval:decide');
  const { lastActiveAt, runningTasks, pendingApprovals } = agent;
  return (
    <span className={`mt-auto flex flex-wrap items-center gap-x-3 gap-y-1 pt-3 text-sm ${className}`}>
      {pendingApprovals > 0 && (
        <Mark className="font-medium text-warn" dot="bg-warn">
          {t(decides ? 'waiting' : 'waitingForOthers', { count: pendingApprovals })}
        </Mark>
      )}
      {runningTasks > 0 && (
        <Mark className="text-accent" dot="animate-breathe bg-accent">
          {t('running', { count: runningTasks })}
        </Mark>
      )}
      <span className="text-faint">{lastActiveAt ? t('active', { when: ago(lastActiveAt) }) : t('never')}</span>
    </span>
  );
}

const Mark = ({ className, dot, children }: { className: string; dot: string; children: ReactNode }) => (
  <span className={`flex items-center gap-1.5 ${className}`}>
    <span className={`size-1.5 rounded-full ${dot}`} />
    {children}
  </span>
);

const looks = {
  RUNNING: { icon: <span className="size-2 rounded-full bg-accent" />, className: 'text-accent' },
  DEPLOYING: { icon: <LoaderCircle className="size-3.5 animate-spin" />, className: 'text-soft' },
  STOPPED: { icon: <CirclePause className="size-3.5" />, className: 'text-faint' },
  ERROR: { icon: <CircleAlert className="size-3.5" />, className: 'text-bad' },
};

export function Status({ status }: { status: Instance['status'] }) {
  const t = useTranslations('agents.status');
  const { icon, className } = looks[status];
  return (
    <span className={`flex h-6 shrink-0 items-center gap-1.5 font-medium text-xs ${className}`}>
      {icon}
      {t(status)}
    </span>
  );
}
