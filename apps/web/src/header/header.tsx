import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { Logo } from '../ui/logo.tsx';
import { UserMenu } from './user-menu.tsx';

export function Header() {
  const t = useTranslations('app');
  return (
    <header className="mx-auto flex w-full max-w-6xl items-center justify-between gap-4 px-4 pt-[max(1rem,env(safe-area-inset-top))] pb-4 sm:px-6">
      <Link to="/" aria-label={t('agents')} className="rounded-md">
        <Logo />
      </Link>
      <UserMenu />
    </header>
  );
}
