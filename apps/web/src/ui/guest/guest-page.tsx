import type { ReactNode } from 'react';
import { useFirstView } from '../../frame/first-view.ts';
import { Logo } from '../logo.tsx';
import { useTitle } from '../use-title.ts';
import { InsecureAddress, useSafeAddress } from './insecure-address.tsx';
import { LanguageSwitch } from './language-switch.tsx';

export { Callout } from '../callout.tsx';

/** Page for users who may not be signed in. */
export function GuestPage({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  useFirstView();
  const safe = useSafeAddress();
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto grid min-h-full w-full max-w-sm grid-cols-1 content-center gap-5 px-6 py-8">
        <div className="mb-1 flex items-center justify-between">
          <Logo />
          <LanguageSwitch />
        </div>
        <h1 className="break-words font-semibold text-2xl tracking-tight">{title}</h1>
        {safe ? <InsecureAddress safe={safe} /> : children}
      </div>
    </main>
  );
}
