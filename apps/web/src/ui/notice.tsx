import type { ReactNode } from 'react';
import { useFirstView } from '../frame/first-view.ts';

type Props = {
  title: string;
  role?: 'alert';
  /** Level of the title: `h1` where the page has no other. */
  heading?: 'h1' | 'h2';
  children?: ReactNode;
};

/** Centered message on an otherwise empty page. */
export function Notice({ title, role, heading: Heading = 'h2', children }: Props) {
  useFirstView();
  return (
    <div role={role} className="grid h-full place-content-center justify-items-center gap-2 p-8 text-center">
      <Heading className="font-semibold text-lg tracking-tight">{title}</Heading>
      <div className="grid max-w-md justify-items-center gap-4 text-soft">{children}</div>
    </div>
  );
}
