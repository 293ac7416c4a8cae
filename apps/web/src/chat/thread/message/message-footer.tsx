import { useChatScope } from '@it0/client/react/chat-scope';
import type { Turn } from '@it0/client/reduce-chat';
import { MessageSquareQuote, Pencil } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useCanWrite } from '../../use-can-write.ts';
import { VersionSwitch } from '../versions/version-switch.tsx';
import { IconButton } from './icon-button.tsx';
import { MessageTime } from './message-time.tsx';
import { useQuote } from './use-quote.ts';

type Props = { taskId: string; message: NonNullable<Turn['message']>; versions: string[] | null };

/** End of a person's message: its versions, what can be done with it, and when it was sent. */
export function MessageFooter({ taskId, message, versions }: Props) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const canWrite = useCanWrite();
  const quote = useQuote();
  return (
    <footer className="-my-1 flex min-h-6 items-center gap-x-1 px-1 text-faint text-xs">
      {canWrite && (
        <span className="flex opacity-0 transition-opacity focus-within:opacity-100 group-hover/message:opacity-100 pointer-coarse:opacity-100">
          <IconButton
            label={t('reply.quote')}
            icon={<MessageSquareQuote className="size-4" />}
            onClick={(button) => quote(button, message.text)}
          />
          <IconButton
            label={t('versions.edit')}
            icon={<Pencil className="size-4" />}
            data-edit={taskId}
            onClick={() => chat.edits.start(taskId, message)}
          />
        </span>
      )}
      {versions && <VersionSwitch taskId={taskId} versions={versions} />}
      <MessageTime at={message.createdAt} />
    </footer>
  );
}
