import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { NameField } from '../ui/form/name-field.tsx';
import { Section } from '../ui/section.tsx';
import { toast } from '../ui/toast/toast.ts';
import { useRefreshAccount } from './account.ts';

/** Form for the user's name. */
export function NameForm({ name }: { name: string }) {
  const t = useTranslations();
  const refresh = useRefreshAccount();
  const form = useServerForm({ name }, async (values) => {
    await client.account.rename.mutate(values);
    await refresh();
    toast.success(t('form.saved'));
  });
  return (
    <Section title={t('account.profile')}>
      <Form form={form}>
        <NameField form={form} name="name" label={t('form.yourName')} autoComplete="name" />
        <Submit form={form} variant="outline">
          {t('form.save')}
        </Submit>
      </Form>
    </Section>
  );
}
