import type { Instance } from '@it0/client/chat-source';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { trpc } from '../trpc.ts';
import { Section } from '../ui/section.tsx';
import { useAgo } from '../ui/use-ago.ts';
import { isRemote, isUnconnected, statusOf } from './agent-status.ts';
import { IsolationNote } from './isolation.tsx';
import { Logs } from './logs.tsx';
import { ModelForm } from './model-form.tsx';
import { SharedFolder } from './shared-folder.tsx';
import { useStatusDetail } from './use-status-detail.ts';

/** How an agent is, what it answers with, and what it wrote. */
export function Details({ instance: given }: { instance: Instance }) {
  const t = useTranslations();
  const { data: instance = given } = trpc.instance.byId.useQuery({ instanceId: given.id }, { refetchInterval: 3_000 });
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
        <Figure label={t('manage.status')}>{t(`agents.status.${statusOf(instance)}`)}</Figure>
        {!isUnconnected(instance) && (
          <>
            <Figure label={t('manage.since')}>{runningSince ? ago(runningSince) : unknown}</Figure>
            {isRemote(instance) ? <Home instance={instance} /> : <Usage instance={instance} />}
          </>
        )}
      </dl>
      <IsolationNote isolation={instance.isolation} />
      {detail && <p className="whitespace-pre-wrap break-words text-sm text-soft">{detail}</p>}
    </>
  );
}

/** What one takes that lives on the server's own machine; of others that is not known. */
function Usage({ instance: { memoryBytes, cpuPercent } }: { instance: Instance }) {
  const t = useTranslations('manage');
  const format = useFormatter();
  const memory =
    memoryBytes && format.number(memoryBytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 });
  return (
    <>
      <Figure label={t('memory')}>{memory ?? unknown}</Figure>
      <Figure label={t('cpu')}>
        {cpuPercent === null ? unknown : format.number(cpuPercent / 100, { style: 'percent' })}
      </Figure>
    </>
  );
}

/** Where one lives that does not live here. */
function Home({ instance: { host, bridgeVersion } }: { instance: Instance }) {
  const t = useTranslations('manage');
  return (
    <>
      <Figure label={t('machine')}>{host}</Figure>
      <Figure label={t('bridgeVersion')}>{bridgeVersion ?? unknown}</Figure>
    </>
  );
}

const unknown = '–';

const Figure = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-faint text-xs">{label}</dt>
    <dd className="font-medium tabular-nums [overflow-wrap:anywhere]">{children}</dd>
  </div>
);
