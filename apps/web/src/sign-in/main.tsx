import '../no-eval.ts';
import './sign-in.css';
import type { AppRouter } from '@it0/api/router';
import { isReason } from '@it0/contracts/reason-names';
import { createTRPCClient } from '@trpc/client';
import { httpLink } from '@trpc/client/links/httpLink';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LocaleProvider } from '../i18n/locale.tsx';
import { findInitialLocale, loadGuestLocale } from '../i18n/locales.ts';
import { applyAppearance } from '../settings/preferences.ts';
import { type Guest, GuestScope } from './guest.tsx';
import { SignInPage } from './sign-in-page.tsx';

// The server sends this page instead of any other one to browsers that are not signed in. It contains nothing else, so
// that it appears at once.
const { auth } = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/trpc' })] });
const guest: Guest = {
  auth,
  // Loads the page of this address.
  async onSignedIn() {
    if (location.pathname === '/sign-in') location.replace('/');
    else location.reload();
    await new Promise(() => {});
  },
};
const locale = await loadGuestLocale(findInitialLocale());
const reason = new URLSearchParams(location.search).get('reason');

applyAppearance();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <GuestScope value={guest}>
      <LocaleProvider initial={locale} load={loadGuestLocale}>
        <SignInPage reason={isReason(reason) ? reason : undefined} />
      </LocaleProvider>
    </GuestScope>
  </StrictMode>,
);
