import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';

type Props = { approval: { environment?: string[]; warning?: string | null } };

/** What can make something else of a command than it says: variables of its own, and what the agent's guard saw. */
export function Unusual({ approval: { environment = [], warning } }: Props) {
  const t = useTranslations('approval');
  const told = [environment.length > 0 && t('environment', { names: environment.join(', ') }), warning].filter(Boolean);
  return told.map((text) => (
    <p key={String(text)} className="mt-1.5 flex gap-1.5 text-sm text-warn [overflow-wrap:anywhere]">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" />
      {text}
    </p>
  ));
}
