import { rest } from '../../rest/rest.ts';
import { History } from './messages.ts';

/** REST operations of the session procedures. */
export const docs = {
  messages: rest('GET /agent/sessions/{sessionId}/messages', {
    operationId: 'listMessages',
    summary:
      'List the messages of a session: the latest page, the pages before and after it, or the one at a message or time',
    response: History,
    errors: ['SESSION_NOT_FOUND'],
  }),
};
