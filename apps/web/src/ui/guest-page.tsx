import type { ReactNode } from 'react';
import { LanguageSwitch } from './language-switch.tsx';
import { Logo } from './logo.tsx';
import { useTitle } from './use-title.ts';

/** A page for somebody who may not be signed in. */
export function GuestPage({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto grid min-h-full w-full max-w-sm grid-cols-1 content-center gap-5 px-6 py-8">
        <div className="mb-1 flex items-center justify-between">
          <Logo />
          <LanguageSwitch />
        </div>
        <h1 className="break-words font-semibold text-2xl tracking-tight">{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** What is to be known before the form. */
export const Remark = ({ children, role }: { children: ReactNode; role?: 'alert' | 'status' }) => (
  <p
    role={role}
    className={`rounded-lg border px-4 py-3 [overflow-wrap:anywhere] ${role === 'alert' ? 'border-warn/40 bg-warn-wash text-warn' : 'border-line bg-panel text-soft'}`}
  >
    {children}
  </p>
);
