import { getReason } from '@it0/client/errors';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

type Query<T> = { data: T | undefined; error: unknown; refetch(): Promise<unknown> };
type Props<T> = { query: Query<T>; failed: string; children(data: T): ReactNode };

/** Renders the data of a query, a placeholder while it loads, or its error with a retry button. */
export function QueryView<T extends object>({ query: { data, error, refetch }, failed, children }: Props<T>) {
  const t = useTranslations();
  if (data !== undefined) return children(data);
  if (!error)
    return (
      <div className="h-24 animate-breathe rounded-xl bg-raised">
        <span className="sr-only">{t('app.loading')}</span>
      </div>
    );
  return (
    <Notice role="alert" title={failed}>
      <p className="first-letter:uppercase">{t(`reasons.${getReason(error) ?? 'INTERNAL'}`)}</p>
      <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
    </Notice>
  );
}
