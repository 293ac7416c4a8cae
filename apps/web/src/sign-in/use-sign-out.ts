import { useNavigate } from '@tanstack/react-router';
import { client, resetSession } from '../trpc.ts';

/** Signs this device out. Whoever signs in next begins at the beginning. */
export function useSignOut() {
  const navigate = useNavigate();
  return async () => {
    await client.auth.signOut.mutate();
    await navigate({ to: '/sign-in' });
    await resetSession();
  };
}
