import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { Field } from '../../ui/form/field.tsx';
import { Form, Submit, useServerForm } from '../../ui/form/form.tsx';
import { useRemove } from './use-remove.ts';

type Props = { instance: Instance; onDone(): void };

/** Form that removes an agent with all its sessions, which can be undone for some seconds. Its name has to be typed. */
export function RemoveForm({ instance, onDone }: Props) {
  const { name, host } = instance;
  const t = useTranslations('manage');
  const remove = useRemove();
  const form = useServerForm({ confirmation: '' }, async () => {
    onDone();
    remove(instance);
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
