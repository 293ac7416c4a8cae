import type { Instance } from '@it0/client/chat-source';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { trpc } from '../../trpc.ts';
import { Section } from '../../ui/section.tsx';
import { useAgo } from '../../ui/time/use-ago.ts';
import { isRemote, isUnconnected, toDisplayStatus } from '../agent-status.ts';
import { IsolationNote } from '../isolation.tsx';
import { useStatusDetail } from '../use-status-detail.ts';
import { Logs } from './logs/logs.tsx';
import { ModelForm } from './model-form.tsx';
import { SharedFolder } from './shared-folder.tsx';

/** Status, model, shared folder and logs of an agent. */
export function Details({ instance: initial }: { instance: Instance }) {
  const t = useTranslations();
  const { data: instance = initial } = trpc.instance.byId.useQuery(
    { instanceId: initial.id },
    { refetchInterval: 3_000 },
  );
  return (
    <>
      <Health instance={instance} />
      <Section title={t('manage.model')}>
        <ModelForm instance={instance} />
      </Section>
      <Section title={t('manage.shared')}>
        <SharedFolder instance={instance} />
      </Section>
      {!isUnconnected(instance) && (
        <Section title={t('manage.logs')}>
          <Logs instanceId={instance.id} />
        </Section>
      )}
    </>
  );
}

function Health({ instance }: { instance: Instance }) {
  const t = useTranslations();
  const ago = useAgo();
  const detail = useStatusDetail()(instance);
  const { runningSince } = instance;
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        <Stat label={t('manage.status')}>{t(`agents.status.${toDisplayStatus(instance)}`)}</Stat>
        {!isUnconnected(instance) && (
          <>
            <Stat label={t('manage.since')}>{runningSince ? ago(runningSince) : UNKNOWN}</Stat>
            {isRemote(instance) ? <RemoteHost instance={instance} /> : <Usage instance={instance} />}
          </>
        )}
      </dl>
      <IsolationNote isolation={instance.isolation} />
      {detail && <p className="whitespace-pre-wrap break-words text-sm text-soft">{detail}</p>}
    </>
  );
}

/** Memory and CPU usage, known only for agents on the server's machine. */
function Usage({ instance: { memoryBytes, cpuPercent } }: { instance: Instance }) {
  const t = useTranslations('manage');
  const format = useFormatter();
  const memory =
    memoryBytes && format.number(memoryBytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 });
  return (
    <>
      <Stat label={t('memory')}>{memory ?? UNKNOWN}</Stat>
      <Stat label={t('cpu')}>
        {cpuPercent === null ? UNKNOWN : format.number(cpuPercent / 100, { style: 'percent' })}
      </Stat>
    </>
  );
}

/** Host name and bridge version of an agent on another machine. */
function RemoteHost({ instance: { host, bridgeVersion } }: { instance: Instance }) {
  const t = useTranslations('manage');
  return (
    <>
      <Stat label={t('machine')}>{host}</Stat>
      <Stat label={t('bridgeVersion')}>{bridgeVersion ?? UNKNOWN}</Stat>
    </>
  );
}

const UNKNOWN = '–';

const Stat = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-faint text-xs">{label}</dt>
    <dd className="font-medium tabular-nums [overflow-wrap:anywhere]">{children}</dd>
  </div>
);
