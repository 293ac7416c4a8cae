import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';

/** Form that renames an agent. */
export function RenameForm({ instance: { id: instanceId, name }, onDone }: { instance: Instance; onDone(): void }) {
  const t = useTranslations('form');
  const { instance } = trpc.useUtils();
  const form = useServerForm({ name }, async (values) => {
    await client.instance.rename.mutate({ instanceId, ...values });
    await instance.list.invalidate();
    onDone();
  });
  return (
    <Form form={form}>
      <Field form={form} name="name" label={t('name')} autoComplete="off" maxLength={80} />
      <Submit form={form}>{t('save')}</Submit>
    </Form>
  );
}
