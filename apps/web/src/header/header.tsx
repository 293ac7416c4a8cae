import { Link } from '@tanstack/react-router';
import { Logo } from '../ui/logo.tsx';
import { UserMenu } from './user-menu.tsx';

export function Header({ width = 'max-w-6xl' }: { width?: string }) {
  return (
    <header
      className={`mx-auto flex w-full ${width} items-center justify-between gap-4 px-4 pt-[max(1rem,env(safe-area-inset-top))] pb-4 sm:px-6`}
    >
      <Link to="/" className="rounded-md">
        <Logo />
      </Link>
      <UserMenu />
    </header>
  );
}
