import { trpc } from '../trpc.ts';

/** Who is signed in, asked for again when the window comes back: the link may have been opened in another one. */
export const useMe = () =>
  trpc.auth.me.useQuery(undefined, { staleTime: 60_000, retryOnMount: false, refetchOnWindowFocus: 'always' });
