import { reasonOf } from '@it0/client/errors';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { useMe } from './use-me.ts';

/** Shows its children to whoever is signed in, and everybody else how to sign in. */
export function SignedIn({ children }: { children: ReactNode }) {
  const t = useTranslations('app');
  const me = useMe();
  const reason = me.error && reasonOf(me.error);
  if (reason === 'NOT_SIGNED_IN') return <SignInPage />;
  if (me.data) return children;
  if (!me.error) return null;
  return (
    <Notice role="alert" title={t('offline')}>
      <Button onClick={() => void me.refetch()}>{t('retry')}</Button>
    </Notice>
  );
}
