import { useLocation } from '@tanstack/react-router';
import { useMe } from '../sign-in/use-me.ts';
import { isInSection, sections } from './sections.ts';

/** Returns the sections that the user can open, and which of them is current. */
export function useSections() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const isMember = Boolean(useMe().data?.tenant);
  return sections
    .filter(({ needsTenant }) => isMember || !needsTenant)
    .map((section) => ({ ...section, isCurrent: isInSection(section, path) }));
}
