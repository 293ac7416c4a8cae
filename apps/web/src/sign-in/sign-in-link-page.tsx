import type { AppRouter } from '@it0/api/router';
import { getReason } from '@it0/client/errors';
import { Link } from '@tanstack/react-router';
import type { inferRouterOutputs } from '@trpc/server';
import { useTranslations } from 'use-intl';
import { useEnterTenant } from '../invitation/use-enter-tenant.ts';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Callout } from '../ui/callout.tsx';
import { GuestPage } from '../ui/guest/guest-page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { useAction } from '../ui/toast/use-action.ts';
import { SignInPage } from './sign-in-page.tsx';
import { useMe } from './use-me.ts';

type SignInLink = inferRouterOutputs<AppRouter>['auth']['showSignInLink'];

/** Page of a one-time sign-in link. Only its button redeems the link; opening the page does not. */
export function SignInLinkPage({ token }: { token: string }) {
  const t = useTranslations();
  const me = useMe();
  const query = trpc.auth.showSignInLink.useQuery({ token }, { staleTime: Number.POSITIVE_INFINITY });
  const reason = query.error && getReason(query.error);
  const user = me.error ? undefined : me.data?.user;
  if (reason === 'SIGN_IN_LINK_INVALID' || reason === 'INVALID_INPUT') {
    return user ? <InvalidLink /> : <SignInPage reason="SIGN_IN_LINK_INVALID" />;
  }
  return (
    <GuestPage title={t('signIn.title')}>
      <QueryView query={query} failed={t('app.offline')}>
        {(link) =>
          me.isPending ? null : user?.id === link.userId ? (
            <>
              <Callout>{t('signIn.linkSame', { who: link.name })}</Callout>
              <AgentsLink>{t('app.agents')}</AgentsLink>
            </>
          ) : (
            <RedeemLink token={token} link={link} user={user} />
          )
        }
      </QueryView>
    </GuestPage>
  );
}

type RedeemProps = { token: string; link: SignInLink; user: { name: string; email: string | null } | undefined };

function RedeemLink({ token, link: { name, email }, user }: RedeemProps) {
  const t = useTranslations('signIn');
  const enterTenant = useEnterTenant();
  const { busy, run } = useAction();
  const redeem = async () => {
    await client.auth.redeemSignInLink.mutate({ token, by: 'cookie' });
    await enterTenant();
  };
  return (
    <>
      {user && <Callout role="alert">{t('linkOther', { who: user.email ?? user.name, name })}</Callout>}
      <div className="[overflow-wrap:anywhere]">
        <p>{t('linkBody', { name })}</p>
        {email && <p className="mt-1 text-faint text-sm">{email}</p>}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button variant="solid" autoFocus disabled={busy} onClick={() => run(redeem)}>
          {t('linkEnter', { name })}
        </Button>
        {user && <AgentsLink>{t('linkStay', { who: user.name })}</AgentsLink>}
      </div>
    </>
  );
}

function InvalidLink() {
  const t = useTranslations();
  return (
    <GuestPage title={t('signIn.title')}>
      <Callout role="alert">{t('signIn.invalid')}</Callout>
      <AgentsLink>{t('app.agents')}</AgentsLink>
    </GuestPage>
  );
}

const AgentsLink = ({ children }: { children: string }) => (
  <Link to="/" replace className="justify-self-start text-accent underline underline-offset-2 pointer-coarse:py-2.5">
    {children}
  </Link>
);
