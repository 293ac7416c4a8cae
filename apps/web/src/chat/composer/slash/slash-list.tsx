import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { Slash } from './use-slash.ts';

/** Commands and saved prompts that match what is typed after `/`. */
export function SlashList({ slash: { id, entries, active, choose, setActive } }: { slash: Slash }) {
  const t = useTranslations('slash');
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  if (entries.length === 0) return null;
  return (
    <div className="relative">
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label={t('label')}
        data-testid="slash-list"
        className="absolute inset-x-0 bottom-2 z-20 max-h-[min(20rem,45dvh)] animate-fade-in overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-(--shadow)"
      >
        {entries.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the message field has the focus and the keys
          <div
            key={entry.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // The field keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(entry)}
            className="flex min-h-10 cursor-pointer select-none items-center gap-3 rounded-lg px-2.5 py-1 aria-selected:bg-accent-wash pointer-coarse:min-h-11"
          >
            <span className="shrink-0 text-faint *:size-4">{entry.icon}</span>
            <span className="min-w-0 flex-1 truncate">{entry.name}</span>
            {entry.detail && <span className="min-w-0 max-w-1/2 truncate text-faint text-sm">{entry.detail}</span>}
          </div>
        ))}
        <p className="px-2.5 pt-1 pb-0.5 text-faint text-xs pointer-coarse:hidden">{t('hint')}</p>
      </div>
      <p role="status" className="sr-only">
        {t('count', { count: entries.length })}
      </p>
    </div>
  );
}
