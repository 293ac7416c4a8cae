import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Commands } from '../commands/commands.tsx';
import { useMedia, WIDE } from '../ui/use-media.ts';
import { BottomBar } from './bottom-bar.tsx';
import { Sidebar } from './sidebar.tsx';
import { TopBar } from './top-bar.tsx';

const MAIN = 'main';

/**
 * Frame of all pages for signed-in users: a sidebar, or on a phone a bar at the top and one at the bottom. A chat takes
 * the whole screen of a phone.
 */
export function Frame({ children }: { children: ReactNode }) {
  const isWide = useMedia(WIDE);
  const inChat = useLocation({ select: ({ pathname }) => /^\/(agents|assistant)(\/|$)/.test(pathname) });
  const hasBars = !isWide && !inChat;
  return (
    <div className="flex h-full flex-col md:flex-row">
      <SkipLink />
      {isWide && <Sidebar />}
      {hasBars && <TopBar />}
      <main id={MAIN} tabIndex={-1} className="relative min-h-0 min-w-0 flex-1 outline-none">
        {children}
      </main>
      {hasBars && <BottomBar />}
      <Commands />
    </div>
  );
}

function SkipLink() {
  const t = useTranslations('frame');
  return (
    <a
      href={`#${MAIN}`}
      // The router would take a changed hash for a navigation.
      onClick={(event) => {
        event.preventDefault();
        document.getElementById(MAIN)?.focus();
      }}
      className="-translate-y-24 fixed top-2 left-2 z-50 rounded-lg bg-accent px-4 py-2 font-medium text-on-accent focus:translate-y-0"
    >
      {t('skip')}
    </a>
  );
}
