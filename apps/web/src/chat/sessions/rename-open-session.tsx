import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { client } from '../../trpc.ts';
import { RenameSession } from './rename-session.tsx';

/** Dialog that renames the session of the chat. */
export function RenameOpenSession({ open, onClose }: { open: boolean; onClose(): void }) {
  const { chat } = useChatScope();
  const sessionId = useChat((state) => state.sessionId);
  const title = useChat((state) => state.title);
  return (
    <RenameSession
      session={open && sessionId ? { id: sessionId, title: title ?? '' } : null}
      onRename={async ({ id }, next) => {
        const session = await client.session.update.mutate({ sessionId: id, title: next });
        chat.setTitle(id, session.title);
      }}
      onClose={onClose}
      returnTo={() => document.querySelector('[data-testid=composer]')}
    />
  );
}
