import type { AppRouter } from '@it0/api/router';
import { getReason } from '@it0/client/errors';
import { Link } from '@tanstack/react-router';
import type { inferRouterOutputs } from '@trpc/server';
import { useTranslations } from 'use-intl';
import { useEnterTenant } from '../invitation/use-enter-tenant.ts';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { GuestPage, Remark } from '../ui/guest-page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { useAction } from '../ui/use-action.ts';
import { SignInPage } from './sign-in-page.tsx';
import { useMe } from './use-me.ts';

type Shown = inferRouterOutputs<AppRouter>['auth']['showSignInLink'];

/** Page of a one-time sign-in link. Only its button redeems the link; opening the page does not. */
export function SignInLinkPage({ token }: { token: string }) {
  const t = useTranslations();
  const me = useMe();
  const query = trpc.auth.showSignInLink.useQuery({ token }, { staleTime: Number.POSITIVE_INFINITY });
  const reason = query.error && getReason(query.error);
  const now = me.error ? undefined : me.data?.user;
  if (reason === 'SIGN_IN_LINK_INVALID' || reason === 'INVALID_INPUT') {
    return now ? <Invalid /> : <SignInPage reason="SIGN_IN_LINK_INVALID" />;
  }
  return (
    <GuestPage title={t('signIn.title')}>
      <QueryView query={query} failed={t('app.offline')}>
        {(shown) =>
          me.isPending ? null : now?.id === shown.userId ? (
            <>
              <Remark>{t('signIn.linkSame', { who: shown.name })}</Remark>
              <ToAgents>{t('app.agents')}</ToAgents>
            </>
          ) : (
            <Enter token={token} shown={shown} now={now} />
          )
        }
      </QueryView>
    </GuestPage>
  );
}

type EnterProps = { token: string; shown: Shown; now: { name: string; email: string | null } | undefined };

function Enter({ token, shown: { name, email }, now }: EnterProps) {
  const t = useTranslations('signIn');
  const arrive = useEnterTenant();
  const { busy, act } = useAction();
  const enter = async () => {
    await client.auth.redeemSignInLink.mutate({ token, by: 'cookie' });
    await arrive();
  };
  return (
    <>
      {now && <Remark role="alert">{t('linkOther', { who: now.email ?? now.name, name })}</Remark>}
      <div className="[overflow-wrap:anywhere]">
        <p>{t('linkBody', { name })}</p>
        {email && <p className="mt-1 text-faint text-sm">{email}</p>}
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button look="solid" autoFocus disabled={busy} onClick={() => act(enter)}>
          {t('linkEnter', { name })}
        </Button>
        {now && <ToAgents>{t('linkStay', { who: now.name })}</ToAgents>}
      </div>
    </>
  );
}

function Invalid() {
  const t = useTranslations();
  return (
    <GuestPage title={t('signIn.title')}>
      <Remark role="alert">{t('signIn.invalid')}</Remark>
      <ToAgents>{t('app.agents')}</ToAgents>
    </GuestPage>
  );
}

const ToAgents = ({ children }: { children: string }) => (
  <Link to="/" replace className="justify-self-start text-accent underline underline-offset-2 pointer-coarse:py-2.5">
    {children}
  </Link>
);
