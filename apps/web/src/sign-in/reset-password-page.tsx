import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, startOver } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { GuestPage, Remark } from '../ui/guest-page.tsx';
import { NewPasswordField } from '../ui/password-field.tsx';

/** Where the link for a new password leads. */
export function ResetPasswordPage({ token }: { token: string | undefined }) {
  const t = useTranslations('reset');
  const [done, setDone] = useState(false);
  return (
    <GuestPage title={token ? t('title') : t('broken')}>
      {done ? (
        <>
          <Remark role="status">{t('done')}</Remark>
          <ToSignIn />
        </>
      ) : token ? (
        <ResetForm token={token} onDone={() => setDone(true)} />
      ) : (
        <>
          <p className="text-soft">{t('brokenBody')}</p>
          <ToSignIn />
        </>
      )}
    </GuestPage>
  );
}

function ResetForm({ token, onDone }: { token: string; onDone(): void }) {
  const t = useTranslations('reset');
  const form = useServerForm({ password: '' }, async ({ password }) => {
    await client.auth.resetPassword.mutate({ token, password });
    onDone();
    await startOver();
  });
  return (
    <Form of={form}>
      <p className="text-soft">{t('body')}</p>
      <NewPasswordField of={form} name="password" />
      <Submit of={form}>{t('submit')}</Submit>
    </Form>
  );
}

function ToSignIn() {
  const t = useTranslations('signIn');
  return (
    <Link to="/sign-in" className="justify-self-start text-accent underline underline-offset-2">
      {t('title')}
    </Link>
  );
}
