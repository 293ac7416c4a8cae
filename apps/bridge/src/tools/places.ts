/** How long a call waits to be told by the agent too: by then, all the text before it has come. */
const withinMs = 300;

/** Where in a reply's text its calls stand. A call may come sooner than the agent's own word of it, and the text before it. */
export function createPlaces(textLength: () => number) {
  const places = new Map<string, PromiseWithResolvers<number>>();
  const placeOf = (callId: string) => {
    const place = places.get(callId) ?? Promise.withResolvers<number>();
    places.set(callId, place);
    return place;
  };
  return {
    /** The agent tells of a call: what it has said so far is what stands before it. */
    mark: (callId: string) => placeOf(callId).resolve(textLength()),
    /** Resolves with the call's offset in the text, in UTF-16 units. */
    async find(callId: string): Promise<number> {
      const place = placeOf(callId);
      const timer = setTimeout(() => place.resolve(textLength()), withinMs);
      return place.promise.finally(() => clearTimeout(timer));
    },
  };
}
