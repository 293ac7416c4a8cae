import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { OidcButton } from '../sign-in/oidc-button.tsx';
import { SignInSteps } from '../sign-in/sign-in-steps.tsx';
import { useMe } from '../sign-in/use-me.ts';
import { client, resetSession } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Remark } from '../ui/guest-page.tsx';
import { useAction } from '../ui/use-action.ts';
import { JoinForm } from './join-form.tsx';
import { useEnterTenant } from './use-enter-tenant.ts';

type Shown = inferRouterOutputs<AppRouter>['invitation']['show'];

/** How an invitation is taken: with a new account, or as who one is. */
export function Answer({ id, shown }: { id: string; shown: Shown }) {
  const t = useTranslations('invitation');
  const me = useMe();
  const [hasAccount, setHasAccount] = useState(false);
  if (me.data && !me.error) {
    const { email } = me.data.user;
    if (email === shown.email) return <Accept id={id} tenantName={shown.tenantName} />;
    return <SomebodyElse who={email ?? me.data.user.name} email={shown.email} />;
  }
  if (me.isPending) return null;
  return (
    <>
      {hasAccount ? (
        <>
          <Remark>{t('signIn')}</Remark>
          <SignInSteps email={shown.email} />
        </>
      ) : (
        <JoinForm id={id} email={shown.email} />
      )}
      <button
        type="button"
        onClick={() => setHasAccount(!hasAccount)}
        className="justify-self-start text-accent text-sm underline underline-offset-2 pointer-coarse:min-h-11"
      >
        {t(hasAccount ? 'noAccount' : 'hasAccount')}
      </button>
      {!hasAccount && <OidcButton />}
    </>
  );
}

function Accept({ id, tenantName }: { id: string; tenantName: string }) {
  const t = useTranslations('invitation');
  const arrive = useEnterTenant();
  const { busy, act } = useAction();
  const accept = async () => {
    await client.invitation.accept.mutate({ id });
    await arrive();
  };
  return (
    <Button look="solid" disabled={busy} className="justify-self-start" onClick={() => act(accept)}>
      {t('accept', { tenant: tenantName })}
    </Button>
  );
}

function SomebodyElse({ who, email }: { who: string; email: string }) {
  const t = useTranslations('invitation');
  const { busy, act } = useAction();
  const signOut = async () => {
    await client.auth.signOut.mutate();
    await resetSession();
  };
  return (
    <>
      <Remark role="alert">{t('other', { who, email })}</Remark>
      <Button disabled={busy} className="justify-self-start" onClick={() => act(signOut)}>
        {t('signOut')}
      </Button>
    </>
  );
}
