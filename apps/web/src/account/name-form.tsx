import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../trpc.ts';
import { Field } from '../ui/field.tsx';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { Section } from '../ui/section.tsx';
import { useAccountChanged } from './account.ts';

export function NameForm({ name }: { name: string }) {
  const t = useTranslations();
  const changed = useAccountChanged();
  const form = useServerForm({ name }, async (values) => {
    await client.account.rename.mutate(values);
    await changed();
    toast.success(t('form.saved'));
  });
  return (
    <Section title={t('account.profile')}>
      <Form of={form}>
        <Field of={form} name="name" label={t('form.yourName')} autoComplete="name" rules={{ maxLength: 80 }} />
        <Submit of={form} look="line">
          {t('form.save')}
        </Submit>
      </Form>
    </Section>
  );
}
