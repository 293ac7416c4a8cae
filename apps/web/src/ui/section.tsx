import { type ReactNode, useId } from 'react';

type SectionProps = { title: string; anchor?: string; children: ReactNode };

/** Titled section of a page. `anchor` is the hash of its address. */
export function Section({ title, anchor, children }: SectionProps) {
  const id = useId();
  return (
    <section
      id={anchor}
      aria-labelledby={id}
      className="grid min-w-0 grid-cols-1 gap-4 rounded-xl border border-line bg-panel p-4 shadow-(--shadow) sm:p-5"
    >
      <h2 id={id} className="font-semibold text-lg tracking-tight">
        {title}
      </h2>
      {children}
    </section>
  );
}

type RowProps = { children: ReactNode; actions?: ReactNode; below?: ReactNode };

/** Row of a list with its actions. `below` takes the full width. */
export const Row = ({ children, actions, below }: RowProps) => (
  <li className="grid grid-cols-1 gap-2.5 py-3 first:pt-0 last:pb-0">
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-44 [overflow-wrap:anywhere]">{children}</div>
      <div className="flex flex-wrap items-center gap-2">{actions}</div>
    </div>
    {below}
  </li>
);

export const Rows = ({ children }: { children: ReactNode }) => <ul className="divide-y divide-line">{children}</ul>;
