import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../../trpc.ts';
import { Form, Submit, useServerForm } from '../../ui/form/form.tsx';
import { NameField } from '../../ui/form/name-field.tsx';

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
      <NameField form={form} name="name" />
      <Submit form={form}>{t('save')}</Submit>
    </Form>
  );
}
