import type { Instance } from '@it0/client/chat-source';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Field, Radios } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { isRemote } from './agent-status.ts';
import Connect from './connect.tsx';
import { givenModel, ModelFields, type ModelValues, usualModel } from './model-fields.tsx';
import { makeEnrollment } from './use-enrollment.ts';

type Driver = 'local' | 'remote';
type Values = ModelValues & { name: string; driver: Driver };
const drivers: Driver[] = ['local', 'remote'];

type Props = { made: Instance | undefined; onMade(instance: Instance): void; onDone(): void };

/** Makes an agent; it is on the page at once. On this server it deploys there, elsewhere its bridge is started next. */
export default function NewAgent({ made, onMade, onDone }: Props) {
  const t = useTranslations();
  const { instance } = trpc.useUtils();
  // Sent twice, after an answer that got lost, it makes one.
  const [requestId] = useState(() => crypto.randomUUID());
  const form = useServerForm<Values>(
    { ...usualModel, name: '', driver: 'local' },
    async ({ name, driver, ...model }) => {
      const now = await client.instance.create.mutate({ requestId, name, driver, model: givenModel(model) });
      // Without a command the next step can make one, and says why not.
      if (isRemote(now)) await makeEnrollment(now).catch(() => {});
      await instance.list.invalidate();
      if (isRemote(now)) onMade(now);
      else onDone();
    },
  );
  if (made) return <Connect instance={made} onDone={onDone} />;
  const driver = form.form.watch('driver');
  return (
    <>
      <p className="text-soft">{t('manage.newBody')}</p>
      <Form of={form}>
        <Field of={form} name="name" label={t('form.name')} autoComplete="off" maxLength={80} />
        <Radios
          of={form}
          name="driver"
          label={t('manage.where')}
          hint={t(`manage.whereHint.${driver}`)}
          options={drivers.map((value) => ({ value, label: t(`manage.whereIs.${value}`) }))}
        />
        <ModelFields of={form} isRemote={driver === 'remote'} />
        <Submit of={form}>{t('manage.create')}</Submit>
      </Form>
    </>
  );
}
