import type { LinkProps } from '@tanstack/react-router';
import { Bot, Building2, type LucideIcon, Settings, UserRound } from 'lucide-react';
import type en from '../i18n/en.ts';

type Section = {
  to: LinkProps['to'] & string;
  /** Key of its name in the messages. */
  name: keyof typeof en.frame.section;
  icon: LucideIcon;
  /** Further addresses that belong to the section. */
  covers?: string[];
  /** Only for members of an organization. */
  needsTenant?: boolean;
};

/** Sections of the app, in the order of the sidebar and the bottom bar. A new section needs only an entry here. */
export const sections: Section[] = [
  { to: '/', name: 'agents', icon: Bot, covers: ['/agents', '/assistant'] },
  { to: '/organization', name: 'organization', icon: Building2, needsTenant: true },
  { to: '/account', name: 'account', icon: UserRound },
  { to: '/settings', name: 'settings', icon: Settings },
];

/** Returns whether an address belongs to a section. */
export function isInSection({ to, covers = [] }: Pick<Section, 'to' | 'covers'>, path: string): boolean {
  if (path === to) return true;
  return [...(to === '/' ? [] : [to]), ...covers].some((start) => path === start || path.startsWith(`${start}/`));
}
