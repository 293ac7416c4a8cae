import { useEffect } from 'react';
import { Toaster as Sonner, toast } from 'sonner';
import { usePreference } from '../../settings/preferences.ts';
import { provideToast } from './toast.ts';

/** Place of the notifications. */
export default function Toaster() {
  useEffect(() => provideToast(toast), []);
  return (
    <Sonner
      position="top-center"
      theme={usePreference('theme')}
      toastOptions={{
        className: 'font-sans! bg-raised! text-ink! border-line! rounded-lg!',
        descriptionClassName: 'text-soft! first-letter:uppercase',
        classNames: { error: '[&>[data-icon]]:text-bad', warning: '[&>[data-icon]]:text-warn' },
      }}
    />
  );
}
