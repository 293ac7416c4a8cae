import { lazy, Suspense } from 'react';

// Lazy, since the menu library is large and not needed for the first paint.
const LazyUserMenu = lazy(() => import('./user-menu.tsx'));

/** Menu of the user, once it is loaded. */
export const UserMenu = ({ compact = false }: { compact?: boolean }) => (
  <Suspense>
    <LazyUserMenu compact={compact} />
  </Suspense>
);
