import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { givenModel, ModelFields, type ModelValues, usualModel } from './model-fields.tsx';

type Values = ModelValues & { name: string };

/** Makes an agent; it is on the page at once, and deploys there. */
export default function NewAgent({ onDone }: { onDone(): void }) {
  const t = useTranslations();
  const { instance } = trpc.useUtils();
  // Sent twice, after an answer that got lost, it makes one.
  const [requestId] = useState(() => crypto.randomUUID());
  const form = useServerForm<Values>({ ...usualModel, name: '' }, async ({ name, ...model }) => {
    await client.instance.create.mutate({ requestId, name, model: givenModel(model) });
    await instance.list.invalidate();
    onDone();
  });
  return (
    <Form of={form}>
      <Field of={form} name="name" label={t('form.name')} autoComplete="off" maxLength={80} />
      <ModelFields of={form} />
      <Submit of={form}>{t('manage.create')}</Submit>
    </Form>
  );
}
