import type { AppRouter } from '@it0/api/router';
import type { inferRouterOutputs } from '@trpc/server';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { OidcButton } from '../sign-in/oidc-button.tsx';
import { SignInSteps } from '../sign-in/sign-in-steps.tsx';
import { useMe } from '../sign-in/use-me.ts';
import { client, resetSession } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { useAction } from '../ui/toast/use-action.ts';
import { JoinForm } from './join-form.tsx';
import { useEnterTenant } from './use-enter-tenant.ts';

type InvitationDetails = inferRouterOutputs<AppRouter>['invitation']['show'];

/** Accepts an invitation with the current account, another account, or a new one. */
export function AcceptInvitation({ id, invitation }: { id: string; invitation: InvitationDetails }) {
  const t = useTranslations('invitation');
  const me = useMe();
  const [hasAccount, setHasAccount] = useState(false);
  if (me.data && !me.error) {
    const { email } = me.data.user;
    if (email === invitation.email) return <Accept id={id} tenantName={invitation.tenantName} />;
    return <WrongAccount who={email ?? me.data.user.name} email={invitation.email} />;
  }
  if (me.isPending) return null;
  return (
    <>
      {hasAccount ? (
        <>
          <Callout>{t('signIn')}</Callout>
          <SignInSteps email={invitation.email} />
        </>
      ) : (
        <JoinForm id={id} email={invitation.email} />
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
  const enterTenant = useEnterTenant();
  const { busy, run } = useAction();
  const accept = async () => {
    await client.invitation.accept.mutate({ id });
    await enterTenant();
  };
  return (
    <Button variant="solid" disabled={busy} className="justify-self-start" onClick={() => run(accept)}>
      {t('accept', { tenant: tenantName })}
    </Button>
  );
}

function WrongAccount({ who, email }: { who: string; email: string }) {
  const t = useTranslations('invitation');
  const { busy, run } = useAction();
  const signOut = async () => {
    await client.auth.signOut.mutate();
    await resetSession();
  };
  return (
    <>
      <Callout role="alert">{t('other', { who, email })}</Callout>
      <Button disabled={busy} className="justify-self-start" onClick={() => run(signOut)}>
        {t('signOut')}
      </Button>
    </>
  );
}
