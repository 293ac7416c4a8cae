import { rest } from '../../rest/rest.ts';
import { History } from './session.ts';

/** REST operations of the session procedures. */
export const docs = {
  messages: rest('GET /agent/sessions/{sessionId}/messages', {
    operationId: 'listMessages',
    summary: 'List the messages of a session, starting with the latest page',
    response: History,
    errors: ['SESSION_NOT_FOUND'],
  }),
};
