import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCommand } from '../commands/registered-commands.ts';
import { useFirstView } from '../frame/first-view.ts';
import { trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { useTitle } from '../ui/use-title.ts';
import { useAgent, useCanAsk } from './agent.tsx';
import { ChatHeader } from './chat-header.tsx';
import type { ChatLocation } from './chat-location.ts';
import { Composer } from './composer/composer.tsx';
import { ReadOnly } from './read-only.tsx';
import { LazyRenameOpenSession } from './sessions/lazy-rename-open-session.tsx';
import { LazySessionDrawer } from './sessions/lazy-session-drawer.tsx';
import { useMarkRead } from './sessions/use-mark-read.ts';
import { useOpenSession } from './sessions/use-open-session.ts';
import { Announcer } from './thread/announcer.tsx';
import { Conversation, type Review } from './thread/conversation.tsx';
import { EmptyChat, NothingYet } from './thread/empty-chat.tsx';
import { isHidden } from './thread/list-shown-turns.ts';
import { useCanWrite } from './use-can-write.ts';

type Props = { initial: string | null; location: ChatLocation };

/** Content of a chat. Must be inside a `ChatScope` and an `AgentScope`. */
export function ChatPanel({ initial, location }: Props) {
  const { name, instance } = useAgent();
  const thread = useChat((state) => state.thread);
  const canWrite = useCanWrite();
  const [drawer, setDrawer] = useState(false);
  const [isRenaming, setIsRenaming] = useState(false);
  const review = useReview(location.approval);
  useOpenSession(location, initial);
  useListRefresh();
  useMarkRead();
  const { chat } = useChatScope();
  const canAsk = useCanAsk();
  useCommand('newSession', canAsk && !location.isSidePanel ? chat.startNew : null);
  const title = useChat((state) => state.title);
  useTitle(location.isSidePanel ? null : title ? `${title} · ${name}` : name);
  return (
    <>
      <ChatHeader onSessions={() => setDrawer(true)} location={location} />
      <Announcer name={name} />
      <div className="min-h-0 flex-1">
        <Body key={thread} review={review} />
      </div>
      {canWrite ? (
        <Composer key={`${thread}-composer`} onSessions={() => setDrawer(true)} onRename={() => setIsRenaming(true)} />
      ) : (
        instance && <ReadOnly instance={instance} />
      )}
      <LazyRenameOpenSession open={isRenaming} onClose={() => setIsRenaming(false)} />
      <LazySessionDrawer open={drawer} onOpenChange={setDrawer} />
    </>
  );
}

function Body({ review }: { review: Review | null }) {
  const t = useTranslations();
  const { name } = useAgent();
  const { chat } = useChatScope();
  const phase = useChat((state) => state.phase);
  const sessionId = useChat((state) => state.sessionId);
  const reason = useChat((state) => state.reason);
  useFirstView(phase !== 'loading');
  const canWrite = useCanWrite();
  const canAsk = useCanAsk();
  const empty = useChat((state) => state.outgoing.length === 0 && state.turns.every((turn) => isHidden(turn, state)));
  if (phase === 'refused')
    return (
      <Notice role="alert" title={t('chat.refused')}>
        <p className="first-letter:uppercase">{t(`reasons.${reason ?? 'INTERNAL'}`)}</p>
        <div className="flex gap-2">
          {sessionId && <Button onClick={() => chat.open(sessionId)}>{t('app.retry')}</Button>}
          {canAsk && <Button onClick={chat.startNew}>{t('chat.newSession')}</Button>}
        </div>
      </Notice>
    );
  if (!empty) return <Conversation name={name} review={review} />;
  if (phase === 'ready') return canWrite ? <EmptyChat /> : <NothingYet name={name} />;
  return <Loading />;
}

function Loading() {
  const t = useTranslations('chat');
  return (
    <div className="chat-column grid animate-late gap-4 p-6">
      <span className="sr-only">{t('loading')}</span>
      {['w-2/5 justify-self-end', 'w-4/5', 'w-3/5'].map((shape) => (
        <div key={shape} className={`h-9 animate-breathe rounded-lg bg-raised ${shape}`} />
      ))}
    </div>
  );
}

/** Returns the approval of the address as a new object for each request. The address loses it when the session opens. */
function useReview(approvalId: string | undefined) {
  const [review, setReview] = useState<Review | null>(approvalId ? { approvalId } : null);
  const [requested, setRequested] = useState(approvalId);
  if (requested !== approvalId) {
    setRequested(approvalId);
    if (approvalId) setReview({ approvalId });
  }
  return review;
}

/** Refetches the list of agents when a task changes its status, or when the session is refused: the agent may be gone. */
function useListRefresh() {
  const { instance, assistant } = trpc.useUtils();
  const isAssistant = useAgent().instance === null;
  const status = useChat(({ turns }) => turns.findLast(({ reply }) => reply)?.reply?.status);
  const refused = useChat(({ phase }) => phase === 'refused');
  useEffect(() => {
    if (status || refused) void (isAssistant ? assistant.status : instance.list).invalidate();
  }, [assistant, instance, isAssistant, status, refused]);
}
