import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import type { SessionActions } from './use-session-actions.ts';

/** Names the last change that can be undone, with a button to undo it. A toast would be out of reach of the dialog. */
export function UndoBar({ actions: { undoable, undo } }: { actions: SessionActions }) {
  const t = useTranslations('sessions');
  return (
    <div role="status">
      {undoable && (
        <div className="flex items-center gap-2 border-line border-t px-4 py-2 text-sm">
          <span className="line-clamp-2 min-w-0 flex-1">{t(undoable.kind, { title: undoable.session.title })}</span>
          <Button onClick={undo}>{t('undo')}</Button>
        </div>
      )}
    </div>
  );
}
