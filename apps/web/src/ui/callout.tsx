import type { ReactNode } from 'react';

/** Shows a note above a form. */
export const Callout = ({ children, role }: { children: ReactNode; role?: 'alert' | 'status' }) => (
  <p
    role={role}
    className={`rounded-lg border px-4 py-3 [overflow-wrap:anywhere] ${role === 'alert' ? 'border-warn/40 bg-warn-wash text-warn' : 'border-line bg-panel text-soft'}`}
  >
    {children}
  </p>
);
