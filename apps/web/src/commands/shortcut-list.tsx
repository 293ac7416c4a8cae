import { useTranslations } from 'use-intl';
import { shortcuts } from './shortcuts.ts';

/** Keyboard shortcuts with what they do. */
export function ShortcutList() {
  const t = useTranslations('commands.shortcut');
  return (
    <dl className="divide-y divide-line">
      {shortcuts.map(({ name, keys }) => (
        <div key={name} className="flex items-center justify-between gap-4 py-2">
          <dt>{t(name)}</dt>
          <dd className="flex shrink-0 gap-1">
            {keys.map((key) => (
              <kbd key={key} className="rounded-md border border-line-strong bg-sunken px-1.5 font-mono text-sm">
                {key}
              </kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
