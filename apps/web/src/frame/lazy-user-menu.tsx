import { lazy, Suspense } from 'react';
import { loadAfterFirstView } from './first-view.ts';

// Lazy, since the menu library is large.
const LazyUserMenu = lazy(loadAfterFirstView(() => import('./user-menu.tsx')));

/** Menu of the user, once it is loaded. */
export const UserMenu = ({ compact = false }: { compact?: boolean }) => (
  <Suspense>
    <LazyUserMenu compact={compact} />
  </Suspense>
);
