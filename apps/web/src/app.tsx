import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ComponentType, lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { loadAfterFirstView } from './frame/first-view.ts';
import { LocaleProvider } from './i18n/locale.tsx';
import { type LoadedLocale, loadLocale } from './i18n/locales.ts';
import { NewVersion } from './offline/new-version.tsx';
import { router } from './routes.tsx';
import { applyAppearance } from './settings/preferences.ts';
import { GuestScope } from './sign-in/guest.tsx';
import { client, queryClient, resetSession, trpc, trpcClient } from './trpc.ts';

// Lazy, since the first view has no notifications. The app also works without them.
const Toaster = lazy<ComponentType>(
  loadAfterFirstView(() => import('./ui/toast/toaster.tsx').catch(() => ({ default: () => null }))),
);

const GUEST = { auth: client.auth, onSignedIn: resetSession };

/** Renders the page for signed-in users, and those of links that need no sign-in. */
export function renderApp(root: Element, locale: LoadedLocale) {
  applyAppearance();
  createRoot(root).render(
    <StrictMode>
      <trpc.Provider client={trpcClient} queryClient={queryClient}>
        <QueryClientProvider client={queryClient}>
          <LocaleProvider initial={locale} load={loadLocale}>
            <GuestScope value={GUEST}>
              <RouterProvider router={router} />
            </GuestScope>
            <Suspense>
              <Toaster />
            </Suspense>
            <NewVersion />
          </LocaleProvider>
        </QueryClientProvider>
      </trpc.Provider>
    </StrictMode>,
  );
}
