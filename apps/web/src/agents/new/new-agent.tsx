import type { Instance } from '@it0/client/chat-source';
import { Driver } from '@it0/contracts/instance';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../../trpc.ts';
import { Radios } from '../../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../../ui/form/form.tsx';
import { NameField } from '../../ui/form/name-field.tsx';
import { isRemote } from '../agent-status.ts';
import Connect from '../connect/connect.tsx';
import { createEnrollment } from '../connect/use-enrollment.ts';
import { defaultModel, ModelFields, type ModelValues, toModelInput } from '../model-fields.tsx';

type Values = ModelValues & { name: string; driver: Driver };

type Props = { created: Instance | undefined; onCreated(instance: Instance): void; onDone(): void };

/** Form for a new agent. For a remote one, the next step is the command that enrolls its bridge. */
export default function NewAgent({ created, onCreated, onDone }: Props) {
  const t = useTranslations();
  const { instance } = trpc.useUtils();
  // Prevents a second agent when the form is sent again after a lost response.
  const [requestId] = useState(() => crypto.randomUUID());
  const form = useServerForm<Values>(
    { ...defaultModel, name: '', driver: 'local' },
    async ({ name, driver, ...model }) => {
      const agent = await client.instance.create.mutate({ requestId, name, driver, model: toModelInput(model) });
      // On failure, the next step offers to create the command and shows the error.
      if (isRemote(agent)) await createEnrollment(agent).catch(() => {});
      await instance.list.invalidate();
      if (isRemote(agent)) onCreated(agent);
      else onDone();
    },
  );
  if (created) return <Connect instance={created} onDone={onDone} />;
  const driver = form.methods.watch('driver');
  return (
    <>
      <p className="text-soft">{t('manage.newBody')}</p>
      <Form form={form}>
        <NameField form={form} name="name" />
        <Radios
          form={form}
          name="driver"
          label={t('manage.where')}
          hint={t(`manage.whereHint.${driver}`)}
          options={Driver.options.map((value) => ({ value, label: t(`manage.whereIs.${value}`) }))}
        />
        <ModelFields form={form} isRemote={driver === 'remote'} />
        <Submit form={form}>{t('manage.create')}</Submit>
      </Form>
    </>
  );
}
