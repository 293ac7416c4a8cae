import { trpc } from '../trpc.ts';

/** Returns what this installation can do with speech. It changes only when the server restarts. */
export const useVoiceStatus = () => trpc.voice.status.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY });
