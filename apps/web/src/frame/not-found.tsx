import { Link, useLocation } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { Logo } from '../ui/logo.tsx';
import { useTitle } from '../ui/use-title.ts';
import { useFirstView } from './first-view.ts';

/** Page for an address that does not exist, with a way back. */
export function NotFound() {
  const t = useTranslations('frame.notFound');
  const path = useLocation({ select: ({ pathname }) => pathname });
  useTitle(t('title'));
  useFirstView();
  return (
    <main className="grid h-full place-content-center justify-items-start gap-3 p-6">
      <Logo />
      <h1 className="mt-3 font-semibold text-2xl tracking-tight">{t('title')}</h1>
      <p className="max-w-md text-soft">{t('body')}</p>
      <p className="max-w-md rounded-lg bg-sunken px-3 py-1.5 font-mono text-faint text-sm [overflow-wrap:anywhere]">
        {path}
      </p>
      <Link
        to="/"
        className="mt-2 inline-flex min-h-10 items-center rounded-lg bg-accent px-4 font-medium text-on-accent hover:brightness-110 pointer-coarse:min-h-11"
      >
        {t('back')}
      </Link>
    </main>
  );
}
