import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';

type Props = Pick<Instance, 'isolation'>;

/** Shows a badge for an agent without isolation. Renders nothing for other agents. */
export function NotIsolated({ isolation }: Props) {
  const t = useTranslations('agents');
  if (isolation?.method !== 'none') return null;
  return (
    <span className="rounded-md border border-warn/35 bg-warn-wash px-1.5 text-warn text-xs leading-5">
      {t(isolation.detail === null ? 'notIsolatedChosen' : 'notIsolated')}
    </span>
  );
}

/** Explains the missing isolation and how to fix it. */
export function IsolationNote({ isolation }: Props) {
  const t = useTranslations('manage');
  if (isolation?.method !== 'none') return null;
  return (
    <p className="rounded-lg border border-warn/35 bg-warn-wash px-3 py-2 text-sm [overflow-wrap:anywhere]">
      {t('notIsolated')} {isolation.detail ?? t('notIsolatedChosen')}
    </p>
  );
}
