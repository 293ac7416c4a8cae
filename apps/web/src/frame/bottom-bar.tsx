import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useSections } from './use-sections.ts';

/** Bar with the sections at the bottom of a phone. It scrolls sideways when there are many. */
export function BottomBar() {
  const t = useTranslations('frame');
  return (
    <nav
      aria-label={t('sections')}
      className="grid auto-cols-[minmax(4.5rem,1fr)] grid-flow-col overflow-x-auto border-line border-t bg-panel pb-[env(safe-area-inset-bottom)]"
    >
      {useSections().map(({ to, name, icon: Icon, isCurrent }) => (
        <Link
          key={to}
          to={to}
          aria-current={isCurrent ? 'page' : undefined}
          className="grid min-h-14 place-content-center justify-items-center gap-0.5 px-1 text-faint text-xs aria-[current]:text-accent focus-visible:-outline-offset-2"
        >
          <Icon className="size-5" />
          <span className="max-w-full truncate">{t(`section.${name}`)}</span>
        </Link>
      ))}
    </nav>
  );
}
