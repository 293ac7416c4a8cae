import { can, router } from '../trpc.ts';
import { getVoiceStatus } from './transcription/transcription.ts';
import { docs } from './voice.rest.ts';

export const voiceRouter = router({
  status: can('assistant:use', 'instance:use')
    .meta(docs.status)
    .query(({ ctx }) => getVoiceStatus(ctx)),
});
