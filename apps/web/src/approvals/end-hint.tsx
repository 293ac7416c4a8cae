import type { ApprovalToDecide } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { useEnd } from './use-end.ts';

/** Tracks whether the ends of all texts were in view, which is required before the approval can be allowed. */
export function useEnds({ command, content }: Pick<ApprovalToDecide, 'command' | 'content'>) {
  const ends = { command: useEnd(command), content: useEnd(content ?? '') };
  const parts = content == null ? [ends.command] : [ends.command, ends.content];
  return {
    ...ends,
    isVisible: parts.every((end) => end.isVisible),
    wasHidden: parts.some((end) => end.wasHidden),
    /** Lines of the texts whose ends were not in view yet. */
    hiddenLines: parts.reduce((sum, { isVisible, hiddenLines }) => sum + (isVisible ? 0 : hiddenLines), 0),
    show: () => parts.find((end) => !end.isVisible)?.show(),
  };
}
export type Ends = ReturnType<typeof useEnds>;

/** Explains why *Allow* is disabled. It keeps its space after the decision, so that nothing moves under a pointer. */
export function EndHint({ id, ends, isPending }: { id: string; ends: Ends; isPending: boolean }) {
  const t = useTranslations('approval');
  if (!ends.wasHidden) return null;
  return (
    <div className={`mt-2 flex flex-wrap items-center justify-between gap-x-2 text-sm ${isPending ? '' : 'invisible'}`}>
      <p id={id} role="status" className={ends.isVisible ? 'text-soft' : 'font-medium text-warn'}>
        {ends.isVisible ? t('endSeen') : t('endUnseen', { count: ends.hiddenLines })}
      </p>
      <Button variant="ghost" disabled={ends.isVisible} onClick={ends.show} className="-mx-3.5">
        {t('showEnd')}
      </Button>
    </div>
  );
}
