import { can, router } from '../../trpc.ts';
import { SelectBranch, selectBranch } from '../branch/select-branch.ts';
import { SearchSessions, searchSessions } from '../search/search-sessions.ts';
import {
  deleteSession,
  MarkRead,
  markRead,
  restoreSession,
  SessionInput,
  UpdateSession,
  updateSession,
} from './change-session.ts';
import { ListMessages, listMessages } from './messages.ts';
import { OnEvent, onEvent } from './on-event.ts';
import { docs } from './session.rest.ts';

/** Everyone who may have sessions may change their own. */
const canOwn = can('instance:use', 'assistant:use');

export const sessionRouter = router({
  messages: can('session:read')
    .meta(docs.messages)
    .input(ListMessages)
    .query(({ ctx, input }) => listMessages(ctx, input)),
  onEvent: can('session:read')
    .input(OnEvent)
    .subscription(({ ctx, input }) => onEvent(ctx, input)),
  search: can('session:read')
    .meta(docs.search)
    .input(SearchSessions)
    .query(({ ctx, input }) => searchSessions(ctx, input)),
  selectBranch: canOwn
    .meta(docs.selectBranch)
    .input(SelectBranch)
    .mutation(({ ctx, input }) => selectBranch(ctx, input)),
  update: canOwn
    .meta(docs.update)
    .input(UpdateSession)
    .mutation(({ ctx, input }) => updateSession(ctx, input)),
  delete: canOwn
    .meta(docs.delete)
    .input(SessionInput)
    .mutation(({ ctx, input }) => deleteSession(ctx, input.sessionId)),
  restore: canOwn
    .meta(docs.restore)
    .input(SessionInput)
    .mutation(({ ctx, input }) => restoreSession(ctx, input.sessionId)),
  markRead: can('session:read')
    .meta(docs.markRead)
    .input(MarkRead)
    .mutation(({ ctx, input }) => markRead(ctx, input)),
});
