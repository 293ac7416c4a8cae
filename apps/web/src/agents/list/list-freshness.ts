import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** Time in milliseconds since which the list of agents is not updated, or null while it is. */
const store = createStore<{ staleSince: number | null }>(() => ({ staleSince: null }));

/** Records whether the stream of the list is connected. */
export function setListFresh(isFresh: boolean) {
  if (isFresh) store.setState({ staleSince: null });
  else if (store.getState().staleSince === null) store.setState({ staleSince: Date.now() });
}

/** Returns since when the list of agents is not updated, or null while it is. */
export const useStaleSince = () => useStore(store, ({ staleSince }) => staleSince);
