import { useState } from 'react';
import { useErrorMessage } from '../use-error-message.ts';
import { toast } from './toast.ts';

/**
 * Returns a function that runs the action of a button. `busy` is true while it runs. A returned string is shown as a
 * notification, and so is an error.
 */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const formatError = useErrorMessage();
  const run = async (action: () => Promise<unknown>) => {
    setBusy(true);
    try {
      const message = await action();
      if (typeof message === 'string') toast.success(message);
    } catch (error) {
      toast.error(formatError(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, run: (action: () => Promise<unknown>) => void run(action) };
}
