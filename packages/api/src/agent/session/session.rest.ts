import { rest } from '../../rest/rest.ts';
import { DELETED_SESSION_DAYS } from '../../retention/deleted-sessions.ts';
import { SelectedBranch } from '../branch/select-branch.ts';
import { SearchResult } from '../search/search-sessions.ts';
import { Session } from './list-sessions.ts';
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
  search: rest('GET /agent/search', {
    operationId: 'searchSessions',
    summary: 'Search the messages, outputs of tools and titles of the sessions you can read',
    response: SearchResult,
    description:
      'Finds what has all words of the query. Words match by their beginning, and those of Chinese, Japanese and Korean anywhere.',
  }),
  update: rest('PATCH /agent/sessions/{sessionId}', {
    operationId: 'updateSession',
    summary: 'Rename, pin or archive a session you own',
    response: Session,
    errors: ['SESSION_NOT_FOUND'],
  }),
  selectBranch: rest('POST /agent/sessions/{sessionId}/branch', {
    operationId: 'selectBranch',
    summary: 'Select the version of a message with which a session you own continues',
    response: SelectedBranch,
    description:
      'The messages after another version are a branch of their own. Open tasks of the other branches continue.',
    errors: ['SESSION_NOT_FOUND'],
  }),
  delete: rest('DELETE /agent/sessions/{sessionId}', {
    operationId: 'deleteSession',
    summary: 'Delete a session you own',
    description: `Cancels its open tasks. The session can be restored for ${DELETED_SESSION_DAYS} days, and is then removed with its messages and files.`,
    errors: ['SESSION_NOT_FOUND'],
  }),
  restore: rest('POST /agent/sessions/{sessionId}/restore', {
    operationId: 'restoreSession',
    summary: 'Restore a deleted session you own',
    response: Session,
    errors: ['SESSION_NOT_FOUND'],
  }),
  markRead: rest('POST /agent/sessions/{sessionId}/read', {
    operationId: 'markSessionRead',
    summary: 'Record up to which event you have read a session',
    errors: ['SESSION_NOT_FOUND'],
  }),
};
