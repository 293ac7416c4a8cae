import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';

type Props = { instance: Instance; onDone(): void };

/** Form that removes an agent with all its sessions. Its name has to be typed for confirmation. */
export function RemoveForm({ instance: { id: instanceId, name, host }, onDone }: Props) {
  const t = useTranslations('manage');
  const { instance } = trpc.useUtils();
  const form = useServerForm({ confirmation: '' }, async () => {
    await client.instance.remove.mutate({ instanceId });
    onDone();
    await instance.list.invalidate();
  });
  const isConfirmed = (value: string) => value.trim() === name;
  return (
    <Form form={form}>
      <p className="text-soft">{host ? t('removeRemoteBody', { host }) : t('removeBody')}</p>
      <Field
        form={form}
        name="confirmation"
        label={t('removeName', { name })}
        autoComplete="off"
        rules={{ validate: isConfirmed }}
      />
      <Submit form={form} variant="danger-outline">
        {t('removeSubmit')}
      </Submit>
    </Form>
  );
}
