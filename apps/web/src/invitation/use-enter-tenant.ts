import { useNavigate } from '@tanstack/react-router';
import { resetSession } from '../trpc.ts';

/** Returns a function that opens the list of agents after a sign-in, and replaces the used link in the history. */
export function useEnterTenant() {
  const navigate = useNavigate();
  return async () => {
    await navigate({ to: '/', replace: true });
    await resetSession();
  };
}
