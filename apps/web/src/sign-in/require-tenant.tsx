import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Notice } from '../ui/notice.tsx';
import { useMe } from './use-me.ts';

/** Shows its children, or an explanation for users who are not in an organization. */
export function RequireTenant({ children }: { children: ReactNode }) {
  const t = useTranslations('noTenant');
  const { data } = useMe();
  if (!data || data.tenant) return children;
  const { email } = data.user;
  return (
    <Notice heading="h1" title={t('title')}>
      <p>{email ? t('body', { email }) : t('bodyNoEmail')}</p>
    </Notice>
  );
}
