import { Search } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useTranslations } from 'use-intl';

/** Field for a search. Escape clears it, and the arrow down moves to the list below. */
export function SearchField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const t = useTranslations('sessions');
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && value) {
      // Otherwise the drawer closes.
      event.stopPropagation();
      onChange('');
    } else if (event.key === 'ArrowDown') {
      const dialog = event.currentTarget.closest('[role=dialog]');
      dialog?.querySelector<HTMLElement>('[data-match], [data-session][tabindex="0"]')?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <label className="flex min-h-9 items-center gap-2 rounded-lg border border-line-strong bg-raised px-2.5 focus-within:border-accent pointer-coarse:min-h-11">
      <Search className="size-4 shrink-0 text-faint" />
      <input
        type="search"
        value={value}
        aria-label={t('search')}
        placeholder={t('search')}
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-faint [&::-webkit-search-cancel-button]:hidden"
      />
    </label>
  );
}
