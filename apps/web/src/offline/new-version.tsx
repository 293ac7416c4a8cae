import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { toast } from '../ui/toast/toast.ts';
import { watchVersions } from './versions.ts';

/** Offers to reload the page when there is a newer version of the app. Never reloads by itself: the user may be typing. */
export function NewVersion() {
  const t = useTranslations('app');
  const [open, setOpen] = useState<() => void>();
  useEffect(() => watchVersions((next) => setOpen(() => next)), []);
  useEffect(() => {
    if (!open) return;
    const action = { label: t('reload'), onClick: open };
    toast(t('newVersion'), { id: 'new-version', duration: Number.POSITIVE_INFINITY, action });
  }, [open, t]);
  return null;
}
