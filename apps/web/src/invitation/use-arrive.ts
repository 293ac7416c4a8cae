import { useNavigate } from '@tanstack/react-router';
import { startOver } from '../trpc.ts';

/** Into the organisation that one has just joined. */
export function useArrive() {
  const navigate = useNavigate();
  return async () => {
    await navigate({ to: '/' });
    await startOver();
  };
}
