import { useNavigate } from '@tanstack/react-router';
import { browserStorage } from '../browser-storage.ts';
import { client, resetSession } from '../trpc.ts';

/** Returns a function that signs out, and opens the sign-in page at its own address. */
export function useSignOut() {
  const navigate = useNavigate();
  return async () => {
    await client.auth.signOut.mutate();
    // The next person at this browser must not find them.
    browserStorage.removeAll('draft.');
    await navigate({ to: '/sign-in' });
    await resetSession();
  };
}
