import { getReason } from '@it0/client/errors';
import { lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { PendingApprovalsProvider } from '../approvals/queue/pending-approvals-provider.tsx';
import { browserStorage } from '../browser-storage.ts';
import { Frame } from '../frame/frame.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Permissions, useMe } from './use-me.ts';

const SignInPage = lazyRouteComponent(() => import('./sign-in-page.tsx'), 'SignInPage');

/** Shows the requested page, or the sign-in form at the same address until the user has signed in. */
export function RequireSignIn() {
  const t = useTranslations('app');
  const me = useMe();
  const reason = me.error && getReason(me.error);
  const userId = me.data?.user.id;
  useEffect(() => {
    // Those of a person whose session ended here without a sign-out, as when it expired.
    if (userId) browserStorage.removeAll('draft.', `draft.${userId}.`);
  }, [userId]);
  if (reason === 'NOT_SIGNED_IN') return <SignInPage />;
  if (me.data)
    return (
      <Permissions value={me.data.permissions}>
        {me.data.tenant ? (
          <PendingApprovalsProvider>
            <Frame>
              <Outlet />
            </Frame>
          </PendingApprovalsProvider>
        ) : (
          <Frame>
            <Outlet />
          </Frame>
        )}
      </Permissions>
    );
  if (!me.error) return null;
  return (
    <main className="h-full">
      <Notice role="alert" heading="h1" title={t('offline')}>
        <Button onClick={() => void me.refetch()}>{t('retry')}</Button>
      </Notice>
    </main>
  );
}
