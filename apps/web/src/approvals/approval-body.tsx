import type { ShownApproval } from '@it0/client/chat-source';
import { ShieldAlert, ShieldCheck, ShieldOff, ShieldX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { ApprovalWarnings } from './approval-warnings.tsx';
import { ExactText } from './exact-text.tsx';
import { type End, useEnd } from './use-end.ts';

/** An approval with the properties that the card shows in addition. */
export type OpenApproval = ShownApproval & { digest?: string | null; expiresAt: string };

/** Returns whether an approval is for a command outside the sandbox, which is highlighted. */
export const isOutside = ({ kind }: Pick<ShownApproval, 'kind'>) => kind === 'exec-unsandboxed';

/** Returns the border and background of an approval's card. */
export const pickStyle = (approval: ShownApproval, isOpen: boolean) => {
  if (!isOpen) return 'border-line';
  return isOutside(approval) ? 'border-bad bg-bad-wash ring-1 ring-bad' : 'border-warn/50 bg-warn-wash';
};

export const pickIcon = (approval: ShownApproval, status: string) => {
  if (status === 'ALLOWED') return ShieldCheck;
  if (status !== 'PENDING') return ShieldX;
  return isOutside(approval) ? ShieldOff : ShieldAlert;
};

/** Tracks whether the ends of all texts were in view, which is required before the approval can be allowed. */
export function useEnds({ command, content }: Pick<ShownApproval, 'command' | 'content'>) {
  const ends = { command: useEnd(command), content: useEnd(content ?? '') };
  const parts = content == null ? [ends.command] : [ends.command, ends.content];
  return {
    ...ends,
    isVisible: parts.every((end) => end.isVisible),
    wasHidden: parts.some((end) => end.wasHidden),
    show: () => parts.find((end) => !end.isVisible)?.show(),
  };
}
export type Ends = ReturnType<typeof useEnds>;

/** Shows everything that the approval covers. */
export function ApprovalBody({ approval, ends }: { approval: OpenApproval; ends: { command: End; content: End } }) {
  const t = useTranslations('approval');
  const { kind = 'exec', command, cwd, content, digest } = approval;
  return (
    <>
      {isOutside(approval) && <p className="mt-2 font-medium text-bad text-sm">{t('outside')}</p>}
      <ExactText text={command} label={t(`what.${kind}`)} end={ends.command} />
      {content != null && <ExactText text={content} label={t('content')} end={ends.content} />}
      <p className="mt-1.5 flex flex-wrap gap-x-3 text-faint text-xs">
        {cwd && (
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {t.rich('folder', {
              cwd: () => (
                <code className="font-mono text-soft">
                  <VisibleText text={cwd} />
                </code>
              ),
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

/** Explains why *Allow* is disabled. It keeps its space after the decision, so that nothing moves under a pointer. */
export function EndHint({ id, ends, isOpen }: { id: string; ends: Ends; isOpen: boolean }) {
  const t = useTranslations('approval');
  if (!ends.wasHidden) return null;
  return (
    <div className={`mt-2 flex flex-wrap items-center justify-between gap-x-2 text-sm ${isOpen ? '' : 'invisible'}`}>
      <p id={id} role="status" className={ends.isVisible ? 'text-soft' : 'font-medium text-warn'}>
        {t(ends.isVisible ? 'endSeen' : 'endUnseen')}
      </p>
      <Button variant="ghost" disabled={ends.isVisible} onClick={ends.show} className="-mx-3.5">
        {t('showEnd')}
      </Button>
    </div>
  );
}
