import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';

type Props = { instance: Instance; onDone(): void };

/** Asks for the name: with an agent, all its conversations go. */
export function RemoveForm({ instance: { id: instanceId, name, host }, onDone }: Props) {
  const t = useTranslations('manage');
  const { instance } = trpc.useUtils();
  const form = useServerForm({ confirmation: '' }, async () => {
    await client.instance.remove.mutate({ instanceId });
    onDone();
    await instance.list.invalidate();
  });
  const isIt = (typed: string) => typed.trim() === name;
  return (
    <Form of={form}>
      <p className="text-soft">{host ? t('removeRemoteBody', { host }) : t('removeBody')}</p>
      <Field
        of={form}
        name="confirmation"
        label={t('removeName', { name })}
        autoComplete="off"
        rules={{ validate: isIt }}
      />
      <Submit of={form} look="bad">
        {t('removeSubmit')}
      </Submit>
    </Form>
  );
}
