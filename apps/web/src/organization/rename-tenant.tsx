import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { NameField } from '../ui/form/name-field.tsx';
import { Section } from '../ui/section.tsx';
import { toast } from '../ui/toast/toast.ts';

/** Section that renames the organization. */
export function RenameTenant({ name }: { name: string }) {
  const t = useTranslations();
  const { auth } = trpc.useUtils();
  const form = useServerForm({ name }, async (values) => {
    await client.tenant.rename.mutate(values);
    await auth.me.invalidate();
    toast.success(t('form.saved'));
  });
  return (
    <Section title={t('organization.rename')}>
      <Form form={form}>
        <NameField form={form} name="name" autoComplete="organization" />
        <Submit form={form} variant="outline">
          {t('form.save')}
        </Submit>
      </Form>
    </Section>
  );
}
