/** Storage of draft texts by session id; null stands for the new session. An empty text is deleted. */
export type Drafts = {
  read(sessionId: string | null): string;
  write(sessionId: string | null, text: string): void;
};

/** Creates a storage in memory. */
export function createMemoryDrafts(): Drafts {
  const texts = new Map<string | null, string>();
  return {
    read: (sessionId) => texts.get(sessionId) ?? '',
    write: (sessionId, text) => void (text ? texts.set(sessionId, text) : texts.delete(sessionId)),
  };
}
