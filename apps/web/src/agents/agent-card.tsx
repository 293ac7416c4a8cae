import type { Instance } from '@it0/client/chat-source';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CirclePause, LoaderCircle, Unplug } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { useAgo } from '../ui/use-ago.ts';
import { isUnconnected, toDisplayStatus } from './agent-status.ts';
import { ConnectDialog } from './connect-dialog.tsx';
import { NotIsolated } from './isolation.tsx';
import { useStatusDetail } from './use-status-detail.ts';

/** Class names of an agent's card. */
export const card =
  'flex h-full min-h-36 w-full flex-col rounded-xl border border-line bg-panel p-4 text-left shadow-(--shadow) transition-[border-color,background] hover:border-line-strong hover:bg-raised aria-[current]:border-accent aria-[current]:bg-raised';

type Props = { instance: Instance; open: boolean };

/** Card of an instance, with the dialog that connects it to a machine. */
export function AgentCard({ instance, open }: Props) {
  const [connecting, setConnecting] = useState(false);
  const id = `agent-${instance.id}`;
  return (
    <>
      <CardBody id={id} instance={instance} open={open} onConnect={() => setConnecting(true)} />
      {/* Outside the card, which is replaced when the agent starts to run. */}
      <ConnectDialog
        instance={instance}
        open={connecting}
        onClose={() => setConnecting(false)}
        returnTo={() => document.getElementById(id)}
      />
    </>
  );
}

type CardBodyProps = Props & { id: string; onConnect(): void };

/** Opens the chat of a running agent. For any other one, it explains the status or connects a machine. */
function CardBody({ id, instance, open, onConnect }: CardBodyProps) {
  const onClick = useExplanation(instance, onConnect);
  const attributes = { id, 'data-testid': 'agent-card', 'aria-current': open || undefined, className: card };
  if (instance.status === 'RUNNING')
    return (
      <Link {...attributes} to="/agents/$instanceId" params={{ instanceId: instance.id }}>
        <Content instance={instance} />
      </Link>
    );
  return (
    <button {...attributes} type="button" onClick={onClick}>
      <Content instance={instance} />
    </button>
  );
}

function useExplanation(instance: Instance, onConnect: () => void) {
  const t = useTranslations('agents');
  const formatDetail = useStatusDetail();
  const canManage = usePermission('instance:manage');
  const { id, name, mine } = instance;
  const status = toDisplayStatus(instance);
  return () => {
    const options = { id, description: formatDetail(instance) };
    if (isUnconnected(instance) && mine && canManage) onConnect();
    else if (status === 'UNCONNECTED') toast.info(t('unconnected', { name }), options);
    else if (status === 'DEPLOYING') toast.info(t('deploying', { name }), options);
    else if (status === 'STOPPED') toast.warning(t('stopped', { name }), options);
    else toast.error(t('error', { name }), options);
  };
}

function Content({ instance }: { instance: Instance }) {
  const t = useTranslations('agents');
  const detail = useStatusDetail()(instance);
  const { name, modelName, scripted, mine, ownerName, host, isolation } = instance;
  return (
    <>
      <span className="flex items-start gap-3">
        <span className="line-clamp-2 min-w-0 flex-1 break-words font-semibold leading-snug">{name}</span>
        <Status status={toDisplayStatus(instance)} />
      </span>
      <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
        <Model scripted={scripted} modelName={modelName} />
        <NotIsolated isolation={isolation} />
        {host && <span className="truncate text-faint">{t('on', { host })}</span>}
        {!mine && ownerName && <span className="truncate text-faint">{t('ofOwner', { name: ownerName })}</span>}
      </span>
      {detail && <span className="mt-2 line-clamp-2 whitespace-pre-line text-faint text-sm">{detail}</span>}
      <Activity agent={instance} className={mine ? 'pr-27 pointer-coarse:pr-33' : ''} />
    </>
  );
}

/** Name of the model, or a badge for scripted replies. */
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

type ActivityProps = {
  agent: Pick<Instance, 'runningTasks' | 'pendingApprovals' | 'lastActiveAt'>;
  className?: string;
};

/** Shows running tasks and pending approvals, and when the agent was last active. */
export function Activity({ agent, className = '' }: ActivityProps) {
  const t = useTranslations('agents');
  const ago = useAgo();
  const canDecide = usePermission('approval:decide');
  const { lastActiveAt, runningTasks, pendingApprovals } = agent;
  return (
    <span className={`mt-auto flex flex-wrap items-center gap-x-3 gap-y-1 pt-3 text-sm ${className}`}>
      {pendingApprovals > 0 && (
        <Mark className="font-medium text-warn" dot="bg-warn">
          {t(canDecide ? 'waiting' : 'waitingForOthers', { count: pendingApprovals })}
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

const statusStyles = {
  RUNNING: { icon: <span className="size-2 rounded-full bg-accent" />, className: 'text-accent' },
  DEPLOYING: { icon: <LoaderCircle className="size-3.5 animate-spin" />, className: 'text-soft' },
  UNCONNECTED: { icon: <Unplug className="size-3.5" />, className: 'text-warn' },
  STOPPED: { icon: <CirclePause className="size-3.5" />, className: 'text-faint' },
  ERROR: { icon: <CircleAlert className="size-3.5" />, className: 'text-bad' },
};

/** Status with an icon. */
export function Status({ status }: { status: ReturnType<typeof toDisplayStatus> }) {
  const t = useTranslations('agents.status');
  const { icon, className } = statusStyles[status];
  return (
    <span className={`flex h-6 shrink-0 items-center gap-1.5 font-medium text-xs ${className}`}>
      {icon}
      {t(status)}
    </span>
  );
}
