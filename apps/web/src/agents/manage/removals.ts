import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

type Send = (instanceId: string) => Promise<unknown>;

/**
 * Creates the store of agents whose removal can still be undone. They are hidden, and removed with `finish`, so that an
 * agent is never lost when the browser ends before.
 */
export function createRemovals(send: Send) {
  const store = createStore<{ pending: ReadonlySet<string> }>(() => ({ pending: new Set() }));
  const drop = (id: string) => {
    const pending = new Set(store.getState().pending);
    const wasPending = pending.delete(id);
    store.setState({ pending });
    return wasPending;
  };
  return {
    ...store,
    add: (id: string) => store.setState(({ pending }) => ({ pending: new Set([...pending, id]) })),
    undo: (id: string) => void drop(id),
    /** Removes an agent, unless that was undone. It stays hidden until the response. */
    async finish(id: string) {
      if (!store.getState().pending.has(id) || sending.has(id)) return;
      sending.add(id);
      try {
        await send(id);
      } finally {
        sending.delete(id);
        drop(id);
      }
    },
  };
}

const sending = new Set<string>();

export const useRemoving = (removals: ReturnType<typeof createRemovals>) =>
  useStore(removals, ({ pending }) => pending);
