import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { Section } from '../ui/section.tsx';
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
        <Field form={form} name="name" label={t('form.yourName')} autoComplete="name" rules={{ maxLength: 80 }} />
        <Submit form={form} variant="outline">
          {t('form.save')}
        </Submit>
      </Form>
    </Section>
  );
}
