import { useNavigate } from '@tanstack/react-router';
import { startOver } from '../trpc.ts';

/** To the agents, as who one is now: the link that led here is used up. */
export function useArrive() {
  const navigate = useNavigate();
  return async () => {
    await navigate({ to: '/', replace: true });
    await startOver();
  };
}
