import { rest } from '../rest/rest.ts';
import { VoiceStatus } from './transcription/transcription.ts';

/** REST operations of the voice procedures. `rest/transcriptions.ts` has the one that receives recordings. */
export const docs = {
  status: rest('GET /voice', {
    operationId: 'getVoice',
    summary: 'Find out whether speech recognition is available',
    response: VoiceStatus,
  }),
};
