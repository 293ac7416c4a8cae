import { can, router } from '../../trpc.ts';
import { docs } from './draft.rest.ts';
import { DraftScope, readDraft, SaveDraft, saveDraft } from './draft.ts';
import { onDraft } from './on-draft.ts';

/** Everyone who may have sessions may have drafts. */
const canOwn = can('instance:use', 'assistant:use');

export const draftRouter = router({
  get: canOwn
    .meta(docs.get)
    .input(DraftScope)
    .query(({ ctx, input }) => readDraft(ctx, input)),
  save: canOwn
    .meta(docs.save)
    .input(SaveDraft)
    .mutation(({ ctx, input }) => saveDraft(ctx, input)),
  onChange: canOwn.input(DraftScope).subscription(({ ctx, input }) => onDraft(ctx, input)),
});
