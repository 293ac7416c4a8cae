import type { AppRouter } from '@it0/api/router';
import { getReason } from '@it0/client/errors';
import { Link } from '@tanstack/react-router';
import type { inferRouterOutputs } from '@trpc/server';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, resetSession, trpc } from '../trpc.ts';
import { Form, Submit, useServerForm } from '../ui/form.tsx';
import { GuestPage, Remark } from '../ui/guest-page.tsx';
import { NewPasswordField, Whose } from '../ui/password-field.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { EndKeys } from './end-keys.tsx';

type Shown = inferRouterOutputs<AppRouter>['auth']['showResetLink'];

/** Where the link for a new password leads. */
export function ResetPasswordPage({ token = '' }: { token: string | undefined }) {
  const t = useTranslations();
  const [done, setDone] = useState(false);
  const query = trpc.auth.showResetLink.useQuery({ token }, { staleTime: Number.POSITIVE_INFINITY, enabled: !done });
  const reason = query.error && getReason(query.error);
  if (done)
    return (
      <GuestPage title={t('reset.title')}>
        <Remark role="status">{t('reset.done')}</Remark>
        <ToSignIn />
      </GuestPage>
    );
  if (reason === 'SIGN_IN_LINK_INVALID' || reason === 'INVALID_INPUT')
    return (
      <GuestPage title={t('reset.broken')}>
        <p className="text-soft">{t('reset.brokenBody')}</p>
        <ToSignIn />
      </GuestPage>
    );
  return (
    <GuestPage title={t('reset.title')}>
      <QueryView query={query} failed={t('app.offline')}>
        {(shown) => <ResetForm token={token} shown={shown} onDone={() => setDone(true)} />}
      </QueryView>
    </GuestPage>
  );
}

type FormProps = { token: string; shown: Shown; onDone(): void };

function ResetForm({ token, shown: { name, email, keys }, onDone }: FormProps) {
  const t = useTranslations('reset');
  const form = useServerForm({ password: '', endKeys: true }, async (values) => {
    await client.auth.resetPassword.mutate({ token, ...values });
    onDone();
    await resetSession();
  });
  return (
    <Form of={form}>
      <p className="text-soft">{t('body', { who: email ?? name })}</p>
      {email && <Whose email={email} />}
      <NewPasswordField of={form} name="password" />
      <EndKeys of={form} keys={keys} />
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
