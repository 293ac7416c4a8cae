import type { Instance } from '@it0/client/chat-source';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { trpc } from '../trpc.ts';
import { Section } from '../ui/section.tsx';
import { useAgo } from '../ui/use-ago.ts';
import { Logs } from './logs.tsx';
import { ModelForm } from './model-form.tsx';

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
      <Section title={t('manage.logs')}>
        <Logs instanceId={instance.id} />
      </Section>
    </>
  );
}

function Health({ instance }: { instance: Instance }) {
  const t = useTranslations();
  const format = useFormatter();
  const ago = useAgo();
  const { status, statusDetail, runningSince, memoryBytes, cpuPercent } = instance;
  const unknown = '–';
  const memory =
    memoryBytes && format.number(memoryBytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 });
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        <Figure label={t('manage.status')}>{t(`agents.status.${status}`)}</Figure>
        <Figure label={t('manage.since')}>{runningSince ? ago(runningSince) : unknown}</Figure>
        <Figure label={t('manage.memory')}>{memory ?? unknown}</Figure>
        <Figure label={t('manage.cpu')}>
          {cpuPercent === null ? unknown : format.number(cpuPercent / 100, { style: 'percent' })}
        </Figure>
      </dl>
      {statusDetail && <p className="whitespace-pre-wrap break-words text-sm text-soft">{statusDetail}</p>}
    </>
  );
}

const Figure = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-faint text-xs">{label}</dt>
    <dd className="truncate font-medium tabular-nums">{children}</dd>
  </div>
);
