import './no-eval.ts';
import './app.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Toaster } from 'sonner';
import { LocaleProvider } from './i18n/locale.tsx';
import { router } from './routes.tsx';
import { queryClient, trpc, trpcClient } from './trpc.ts';

const root = document.getElementById('root');
if (!root) throw new Error('No element with id "root" found');
createRoot(root).render(
  <StrictMode>
    <trpc.Provider client={trpcClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <LocaleProvider>
          <RouterProvider router={router} />
          <Toaster
            position="top-center"
            theme="system"
            toastOptions={{
              className: 'font-sans! bg-raised! text-ink! border-line! rounded-lg!',
              descriptionClassName: 'text-soft!',
              classNames: { error: '[&>[data-icon]]:text-bad', warning: '[&>[data-icon]]:text-warn' },
            }}
          />
        </LocaleProvider>
      </QueryClientProvider>
    </trpc.Provider>
  </StrictMode>,
);
