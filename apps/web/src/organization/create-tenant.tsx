import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, resetSession } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog/dialog.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { NameField } from '../ui/form/name-field.tsx';
import { Section } from '../ui/section.tsx';

/** Section that creates another organization. */
export function CreateTenant() {
  const t = useTranslations('organization');
  const [open, setOpen] = useState(false);
  return (
    <Section title={t('create')}>
      <p className="text-soft">{t('createBody')}</p>
      <Dialog
        title={t('create')}
        open={open}
        onOpenChange={setOpen}
        trigger={<Button className="justify-self-start">{t('createSubmit')}</Button>}
      >
        <CreateForm />
      </Dialog>
    </Section>
  );
}

function CreateForm() {
  const t = useTranslations();
  const navigate = useNavigate();
  const form = useServerForm({ name: '' }, async (values) => {
    await client.tenant.create.mutate(values);
    await navigate({ to: '/' });
    await resetSession();
  });
  return (
    <Form form={form}>
      <NameField form={form} name="name" />
      <Submit form={form}>{t('organization.createSubmit')}</Submit>
    </Form>
  );
}
