import type { AppRouter } from '@it0/api/router';
import { getReason } from '@it0/client/errors';
import { Link } from '@tanstack/react-router';
import type { inferRouterOutputs } from '@trpc/server';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, resetSession, trpc } from '../trpc.ts';
import { Callout } from '../ui/callout.tsx';
import { Form, Submit, useServerForm } from '../ui/form/form.tsx';
import { NewPasswordField, UsernameField } from '../ui/form/password-field.tsx';
import { GuestPage } from '../ui/guest/guest-page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { EndKeys } from './end-keys.tsx';

type ResetLink = inferRouterOutputs<AppRouter>['auth']['showResetLink'];

/** Page of a link that resets a password. */
export function ResetPasswordPage({ token = '' }: { token: string | undefined }) {
  const t = useTranslations();
  const [done, setDone] = useState(false);
  const query = trpc.auth.showResetLink.useQuery({ token }, { staleTime: Number.POSITIVE_INFINITY, enabled: !done });
  const reason = query.error && getReason(query.error);
  if (done)
    return (
      <GuestPage title={t('reset.title')}>
        <Callout role="status">{t('reset.done')}</Callout>
        <SignInLink />
      </GuestPage>
    );
  if (reason === 'SIGN_IN_LINK_INVALID' || reason === 'INVALID_INPUT')
    return (
      <GuestPage title={t('reset.broken')}>
        <p className="text-soft">{t('reset.brokenBody')}</p>
        <SignInLink />
      </GuestPage>
    );
  return (
    <GuestPage title={t('reset.title')}>
      <QueryView query={query} failed={t('app.offline')}>
        {(link) => <ResetForm token={token} link={link} onDone={() => setDone(true)} />}
      </QueryView>
    </GuestPage>
  );
}

type FormProps = { token: string; link: ResetLink; onDone(): void };

function ResetForm({ token, link: { name, email, keys }, onDone }: FormProps) {
  const t = useTranslations('reset');
  const form = useServerForm({ password: '', endKeys: true }, async (values) => {
    await client.auth.resetPassword.mutate({ token, ...values });
    onDone();
    await resetSession();
  });
  return (
    <Form form={form}>
      <p className="text-soft">{t('body', { who: email ?? name })}</p>
      {email && <UsernameField email={email} />}
      <NewPasswordField form={form} name="password" />
      <EndKeys form={form} keys={keys} />
      <Submit form={form}>{t('submit')}</Submit>
    </Form>
  );
}

function SignInLink() {
  const t = useTranslations('signIn');
  return (
    <Link to="/sign-in" className="justify-self-start text-accent underline underline-offset-2">
      {t('title')}
    </Link>
  );
}
