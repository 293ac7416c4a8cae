import { useChat } from '@it0/client/react/chat-scope';

/** Returns the state of the edit of a message, or null while it is not being edited. */
export const useEdit = (taskId: string) => useChat(({ edit }) => (edit?.taskId === taskId ? edit : null));
