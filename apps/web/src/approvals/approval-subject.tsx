import type { ApprovalToDecide } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { isUnsandboxed } from './approval-style.ts';
import { ApprovalWarnings } from './approval-warnings.tsx';
import type { Ends } from './end-hint.tsx';
import { ExactText } from './exact-text.tsx';
import { ShortPath } from './short-path.tsx';

type Props = { approval: ApprovalToDecide & { digest?: string | null }; ends: Pick<Ends, 'command' | 'content'> };

/** Shows everything that the approval covers. */
export function ApprovalSubject({ approval, ends }: Props) {
  const t = useTranslations('approval');
  const { kind = 'exec', command, cwd, content, digest } = approval;
  return (
    <>
      {isUnsandboxed(approval) && <p className="mt-2 font-medium text-bad text-sm">{t('unsandboxed')}</p>}
      <ExactText text={command} label={t(`what.${kind}`)} end={ends.command} />
      {content != null && <ExactText text={content} label={t('content')} end={ends.content} />}
      <p className="mt-1.5 flex flex-wrap gap-x-3 text-faint text-xs">
        {cwd && (
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {t.rich('folder', {
              cwd: () => <ShortPath path={cwd} />,
            })}
          </span>
        )}
        {digest && (
          <span title={digest} data-testid="digest">
            {t.rich('digest', { digest: () => <code className="font-mono text-soft">{digest.slice(0, 8)}</code> })}
          </span>
        )}
      </p>
      <ApprovalWarnings approval={approval} />
    </>
  );
}
