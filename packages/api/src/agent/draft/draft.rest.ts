import { rest } from '../../rest/rest.ts';
import { Draft, SavedDraft } from './draft.ts';

const errors = ['SESSION_NOT_FOUND', 'INSTANCE_NOT_FOUND'] as const;

/** REST operations of the draft procedures. */
export const docs = {
  get: rest('GET /agent/draft', {
    operationId: 'getDraft',
    summary: 'Get the message that you are writing in a session, or for a new one',
    response: Draft,
    errors: [...errors],
  }),
  save: rest('PUT /agent/draft', {
    operationId: 'saveDraft',
    summary: 'Save the message that you are writing, unless it was changed meanwhile',
    description: 'An empty text without files deletes it. It is also deleted with the message that is sent from it.',
    response: SavedDraft,
    errors: [...errors],
  }),
};
