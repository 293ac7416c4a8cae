import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { VisibleText } from '../ui/visible-text.tsx';

type Props = { approval: { agentConfiguration?: boolean; warning?: string | null } };

/** Warns of conditions under which a command can do something else than its text says. */
export function ApprovalWarnings({ approval: { agentConfiguration = false, warning } }: Props) {
  const t = useTranslations('approval');
  return (
    <>
      {agentConfiguration && <Warning>{t('agentConfiguration')}</Warning>}
      {warning && (
        <Warning>
          <VisibleText text={warning} />
        </Warning>
      )}
    </>
  );
}

const Warning = ({ children }: { children: ReactNode }) => (
  <p className="mt-1.5 flex gap-1.5 text-sm text-warn">
    <TriangleAlert className="mt-0.5 size-4 shrink-0" />
    <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
  </p>
);
