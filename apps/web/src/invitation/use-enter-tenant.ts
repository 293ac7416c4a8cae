import { useNavigate } from '@tanstack/react-router';
import { startOver } from '../trpc.ts';

/** Returns a function that opens the list of agents after a sign-in, and replaces the used link in the history. */
export function useArrive() {
  const navigate = useNavigate();
  return async () => {
    await navigate({ to: '/', replace: true });
    await startOver();
  };
}
