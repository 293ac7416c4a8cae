/** How long a call waits for the agent's own event about it. By then all text before the call has arrived. */
const CALL_EVENT_MS = 300;

/** Finds the offsets of calls in a reply's text. A call may arrive before the text that precedes it. */
export function createCallOffsets(textLength: () => number) {
  const places = new Map<string, PromiseWithResolvers<number>>();
  const placeOf = (callId: string) => {
    const place = places.get(callId) ?? Promise.withResolvers<number>();
    places.set(callId, place);
    return place;
  };
  return {
    /** Sets a call's offset to the end of the current text, when the agent's event about the call arrives. */
    mark: (callId: string) => placeOf(callId).resolve(textLength()),
    /** Resolves with the call's offset in the text, in UTF-16 units. */
    async find(callId: string): Promise<number> {
      const place = placeOf(callId);
      const timer = setTimeout(() => place.resolve(textLength()), CALL_EVENT_MS);
      return place.promise.finally(() => clearTimeout(timer));
    },
  };
}
