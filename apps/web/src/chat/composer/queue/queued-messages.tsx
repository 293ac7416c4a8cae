import { listQueued } from '@it0/client/queued';
import { useChat } from '@it0/client/react/chat-scope';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useShallow } from 'zustand/react/shallow';
import { useQueue } from './use-queue.ts';

// Lazy, since its menu is large, and mostly nothing waits.
const QueuedMessage = lazy(() => import('./queued-message.tsx').then((module) => ({ default: module.QueuedMessage })));

/** Messages that wait until the agent has finished the one before, in the order in which they will be sent. */
export function QueuedMessages() {
  const t = useTranslations('queue');
  const turns = useChat(useShallow((state) => listQueued(state)));
  const queue = useQueue(turns);
  const [dragged, setDragged] = useState<string | null>(null);
  if (turns.length === 0) return null;
  return (
    <section aria-label={t('label')} className="mb-2 rounded-xl border border-line bg-raised">
      <h3 className="px-3 pt-2 text-soft text-xs">{t('title', { count: turns.length })}</h3>
      <ol className="max-h-[30dvh] has-[form]:max-h-[50dvh] divide-y divide-line overflow-y-auto">
        <Suspense>
          {turns.map((turn, index) => (
            <QueuedMessage
              key={turn.taskId}
              {...{ turn, index, queue }}
              isLast={index === turns.length - 1}
              isDragged={dragged === turn.taskId}
              onDrag={setDragged}
              onDropHere={() => {
                if (dragged && dragged !== turn.taskId) queue.moveTo(dragged, index);
                setDragged(null);
              }}
            />
          ))}
        </Suspense>
      </ol>
    </section>
  );
}
