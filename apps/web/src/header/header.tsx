import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { PendingApprovalsButton } from '../approvals/queue/pending-approvals-button.tsx';
import { useMe } from '../sign-in/use-me.ts';
import { Logo } from '../ui/logo.tsx';

// Lazy, since the menu library is large and not needed for the first paint.
const UserMenu = lazy(() => import('./user-menu.tsx'));

/** Header of a page for signed-in users. */
export function Header({ width = 'max-w-6xl' }: { width?: string }) {
  const isMember = Boolean(useMe().data?.tenant);
  return (
    <header
      className={`mx-auto flex w-full ${width} items-center justify-between gap-4 px-4 pt-[max(1rem,env(safe-area-inset-top))] pb-4 sm:px-6`}
    >
      <Link to="/" className="rounded-md">
        <Logo />
      </Link>
      <div className="flex min-h-9 min-w-0 items-center gap-1 pointer-coarse:min-h-11">
        {isMember && <PendingApprovalsButton />}
        <Suspense>
          <UserMenu />
        </Suspense>
      </div>
    </header>
  );
}
