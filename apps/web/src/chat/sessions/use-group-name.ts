import type { GroupKey } from '@it0/client/group-sessions';
import { useFormatter, useTranslations } from 'use-intl';

/** Returns a function that formats the name of a group of sessions. */
export function useGroupName() {
  const t = useTranslations('sessions.groups');
  const format = useFormatter();
  return (key: GroupKey): string => {
    if (key === 'pinned' || key === 'today' || key === 'yesterday' || key === 'week') return t(key);
    const [year, month] = key.split('-').map(Number) as [number, number];
    return format.dateTime(new Date(year, month - 1), { year: 'numeric', month: 'long' });
  };
}
