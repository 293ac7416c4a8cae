import type { ReactNode } from 'react';
import { useTitle } from '../ui/use-title.ts';
import { useFirstView } from './first-view.ts';

/** Page with a title and sections. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  useFirstView();
  return (
    <div className="relative h-full overflow-y-auto">
      <div className="mx-auto grid w-full max-w-3xl grid-cols-1 gap-4 px-4 pt-4 pb-12 sm:px-6 md:pt-6">
        <h1 className="mb-1 break-words font-semibold text-2xl tracking-tight">{title}</h1>
        {children}
      </div>
    </div>
  );
}
