import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { FileChips } from './file-chips.tsx';

/** Lists the files of the draft with their upload progress. */
export function DraftFiles() {
  const { chat } = useChatScope();
  const files = useChat((state) => state.files);
  if (files.length === 0) return null;
  return (
    <div className="pb-2">
      <FileChips files={files} testId="draft-file" onRetry={chat.retryAttachment} onDetach={chat.detach} />
    </div>
  );
}
