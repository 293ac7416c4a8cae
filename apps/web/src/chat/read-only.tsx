import type { Instance } from '@it0/client/chat-source';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { useQuery } from '@tanstack/react-query';
import { Eye, Square } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../sign-in/use-me.ts';
import { Button } from '../ui/button.tsx';
import { useStop } from './composer/use-stop.ts';
import { recentSessions } from './sessions/recent-sessions.ts';
import { useActiveTaskId } from './use-active-task-id.ts';

/** Replaces the composer in a read-only session: shows its owner, and a stop button if the user may stop tasks. */
export function ReadOnly({ instance }: { instance: Instance }) {
  const t = useTranslations();
  const { source } = useChatScope();
  const sessionId = useChat((state) => state.sessionId);
  const refused = useChat((state) => state.phase === 'refused');
  const { data } = useQuery({ ...recentSessions(source, instance.id), staleTime: 30_000 });
  const taskId = useActiveTaskId();
  const { stop, stopping } = useStop(taskId);
  const canStop = usePermission('session:stop');
  const key = usePermission('instance:use') ? 'reading' : 'watching';
  if (!sessionId || refused) return null;
  const name = data?.items.find(({ id, mine }) => id === sessionId && !mine)?.ownerName;
  return (
    <div className="chat-column flex min-h-14 items-center gap-3 border-line border-t px-4 pt-2 pb-[max(0.5rem,env(safe-area-inset-bottom))] sm:px-6">
      <p data-testid="read-only" className="flex min-w-0 flex-1 items-center gap-2 text-faint text-sm">
        <Eye className="size-4 shrink-0" />
        {name ? t(`chat.${key}Of`, { name }) : t(`chat.${key}`)}
      </p>
      {taskId && canStop && (
        <Button data-testid="stop" disabled={stopping} onClick={stop}>
          <Square className="size-3 fill-current" />
          {t('composer.stop')}
        </Button>
      )}
    </div>
  );
}
