import './no-eval.ts';
import './app.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Toaster } from 'sonner';
import { LocaleProvider } from './i18n/locale.tsx';
import { router } from './routes.tsx';
import { applyAppearance, usePreference } from './settings/preferences.ts';
import { queryClient, trpc, trpcClient } from './trpc.ts';

applyAppearance();
const root = document.getElementById('root');
if (!root) throw new Error('No element with id "root" found');
createRoot(root).render(
  <StrictMode>
    <trpc.Provider client={trpcClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <LocaleProvider>
          <RouterProvider router={router} />
          <Notifications />
        </LocaleProvider>
      </QueryClientProvider>
    </trpc.Provider>
  </StrictMode>,
);

function Notifications() {
  return (
    <Toaster
      position="top-center"
      theme={usePreference('theme')}
      toastOptions={{
        className: 'font-sans! bg-raised! text-ink! border-line! rounded-lg!',
        descriptionClassName: 'text-soft!',
        classNames: { error: '[&>[data-icon]]:text-bad', warning: '[&>[data-icon]]:text-warn' },
      }}
    />
  );
}
