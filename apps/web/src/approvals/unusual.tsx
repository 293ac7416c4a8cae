import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';

type Props = { approval: { agentConfiguration?: boolean; warning?: string | null } };

/** What can make something else of a command than it says. */
export function Unusual({ approval: { agentConfiguration = false, warning } }: Props) {
  const t = useTranslations('approval');
  const told = [agentConfiguration && t('agentConfiguration'), warning].filter(Boolean);
  return told.map((text) => (
    <p key={String(text)} className="mt-1.5 flex gap-1.5 text-sm text-warn [overflow-wrap:anywhere]">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" />
      {text}
    </p>
  ));
}
