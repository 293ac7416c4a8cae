import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** Commands that the open page offers. */
export type CommandName = 'palette' | 'sheet' | 'newSession' | 'approvals';

type Commands = Partial<Record<CommandName, () => void>>;
const store = createStore<Commands>(() => ({}));

/** Offers a command in the palette while the component is mounted and `run` is not null. */
export function useCommand(name: CommandName, run: (() => void) | null) {
  useEffect(() => {
    if (!run) return;
    store.setState({ [name]: run });
    return () => {
      if (store.getState()[name] === run) store.setState({ [name]: undefined });
    };
  }, [name, run]);
}

export const useCommands = () => useStore(store);
