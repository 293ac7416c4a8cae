/** The longest wait of a call for the agent's event about it. By then all text before the call has arrived. */
const CALL_EVENT_MS = 300;

/** Creates a record of the offsets of calls in a reply's text. A call may arrive before the text that precedes it. */
export function createCallOffsets(textLength: () => number) {
  const offsets = new Map<string, PromiseWithResolvers<number>>();
  const findOrCreate = (callId: string) => {
    const offset = offsets.get(callId) ?? Promise.withResolvers<number>();
    offsets.set(callId, offset);
    return offset;
  };
  return {
    /** Sets a call's offset to the end of the current text, when the agent's event about the call arrives. */
    mark: (callId: string) => findOrCreate(callId).resolve(textLength()),
    /** Resolves with the call's offset in the text, in UTF-16 units. */
    async find(callId: string): Promise<number> {
      const offset = findOrCreate(callId);
      const timer = setTimeout(() => offset.resolve(textLength()), CALL_EVENT_MS);
      return offset.promise.finally(() => clearTimeout(timer));
    },
  };
}
