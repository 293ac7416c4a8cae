import type { ReactNode } from 'react';

/** Centered message on an otherwise empty page. */
export function Notice({ title, role, children }: { title: string; role?: 'alert'; children?: ReactNode }) {
  return (
    <div role={role} className="grid h-full place-content-center justify-items-center gap-2 p-8 text-center">
      <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
      <div className="grid max-w-md justify-items-center gap-4 text-soft">{children}</div>
    </div>
  );
}
