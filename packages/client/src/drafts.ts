/** Where drafts are kept between visits; null names the session that begins with its first message. */
export type Drafts = {
  read(sessionId: string | null): string;
  write(sessionId: string | null, text: string): void;
};

/** Kept no longer than the chat itself. */
export function memoryDrafts(): Drafts {
  const texts = new Map<string | null, string>();
  return {
    read: (sessionId) => texts.get(sessionId) ?? '',
    write: (sessionId, text) => void (text ? texts.set(sessionId, text) : texts.delete(sessionId)),
  };
}
