import type { Instance } from '@it0/client/chat-source';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CirclePause, LoaderCircle, Unplug } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { useAgo } from '../../ui/time/use-ago.ts';
import { toast } from '../../ui/toast/toast.ts';
import { isUnconnected, toDisplayStatus } from '../agent-status.ts';
import { ConnectDialog } from '../connect/connect-dialog.tsx';
import { NotIsolated } from '../isolation.tsx';
import { useStatusDetail } from '../use-status-detail.ts';
import type { View } from './view.ts';

/** Class names of an agent's card. */
export const cards: Record<View, string> = {
  grid: 'flex min-h-30 w-full min-w-0 flex-1 flex-col rounded-xl p-4 text-left',
  list: 'flex min-h-12 w-full min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-0.5 rounded-xl px-4 py-2 text-left',
};

type Props = { instance: Instance; open: boolean; view: View };

/** Card of an instance, with the dialog that connects it to a machine. */
export function AgentCard({ instance, open, view }: Props) {
  const [connecting, setConnecting] = useState(false);
  const id = `agent-${instance.id}`;
  return (
    <>
      <CardBody id={id} instance={instance} open={open} view={view} onConnect={() => setConnecting(true)} />
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
function CardBody({ id, instance, open, view, onConnect }: CardBodyProps) {
  const onClick = useExplanation(instance, onConnect);
  const attributes = { id, 'data-testid': 'agent-card', 'aria-current': open || undefined, className: cards[view] };
  if (instance.status === 'RUNNING')
    return (
      <Link {...attributes} to="/agents/$instanceId" params={{ instanceId: instance.id }}>
        <Content instance={instance} view={view} />
      </Link>
    );
  return (
    <button {...attributes} type="button" onClick={onClick}>
      <Content instance={instance} view={view} />
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

function Content({ instance, view }: { instance: Instance; view: View }) {
  const t = useTranslations('agents');
  const detail = useStatusDetail()(instance);
  const { name, modelName, scripted, mine, ownerName, host, isolation } = instance;
  const facts = (
    <>
      <Model scripted={scripted} modelName={modelName} />
      <NotIsolated isolation={isolation} />
      {host && <span className="truncate text-faint">{t('on', { host })}</span>}
      {!mine && ownerName && <span className="truncate text-faint">{t('ofOwner', { name: ownerName })}</span>}
    </>
  );
  if (view === 'list')
    return (
      <>
        <span className="flex min-w-0 flex-1 basis-56 items-center gap-3">
          <span className="min-w-0 flex-1 truncate font-semibold">{name}</span>
          <Status status={toDisplayStatus(instance)} />
        </span>
        <span className="flex min-w-0 flex-1 basis-48 flex-wrap items-center gap-x-2 text-sm">{facts}</span>
        <Activity agent={instance} className="min-w-0 flex-2 basis-72" />
        {detail && <span className="line-clamp-2 basis-full whitespace-pre-line text-faint text-sm">{detail}</span>}
      </>
    );
  return (
    <>
      <span className="flex items-start gap-3">
        <span className="line-clamp-2 min-w-0 flex-1 break-words font-semibold leading-snug">{name}</span>
        <Status status={toDisplayStatus(instance)} />
      </span>
      <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">{facts}</span>
      {detail && <span className="mt-2 line-clamp-2 whitespace-pre-line text-faint text-sm">{detail}</span>}
      <Activity agent={instance} className="mt-auto pt-3" />
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
  agent: Pick<Instance, 'runningTasks' | 'pendingApprovals' | 'lastActiveAt'> &
    Partial<Pick<Instance, 'memoryBytes' | 'cpuPercent'>>;
  className?: string;
};

/** Shows running tasks and pending approvals, used resources, and when the agent was last active. */
export function Activity({ agent, className = '' }: ActivityProps) {
  const t = useTranslations('agents');
  const ago = useAgo();
  const canDecide = usePermission('approval:decide');
  const { lastActiveAt, runningTasks, pendingApprovals } = agent;
  return (
    <span className={`flex flex-wrap items-center gap-x-3 gap-y-1 text-sm ${className}`}>
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
      <Resources {...agent} />
    </span>
  );
}

/** Memory and CPU usage, known only for running agents on the server's machine. */
function Resources({ memoryBytes, cpuPercent }: Partial<Pick<Instance, 'memoryBytes' | 'cpuPercent'>>) {
  const format = useFormatter();
  const t = useTranslations('manage');
  if (!memoryBytes) return null;
  const memory = format.number(memoryBytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 });
  return (
    <span className="text-faint tabular-nums">
      {memory}
      {typeof cpuPercent === 'number' && ` · ${t('cpu')} ${format.number(cpuPercent / 100, { style: 'percent' })}`}
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
