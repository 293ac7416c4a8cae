import type { Permission } from '@it0/contracts/permissions';
import { z } from 'zod';
import { listPending, PendingApprovals } from '../agent/approval/pending.ts';
import { Instance, listInstances } from '../agent/instance/instance.ts';
import { FoundSession, SEARCH_WINDOW, SearchSessions, searchSessions } from '../agent/session/search-sessions.ts';
import { ListReadableSessions, listReadableSessions, SessionPage } from '../agent/session/session.ts';
import { Failed, ListFailures, listFailures } from '../agent/task/recent-failures.ts';
import type { UserContext } from '../context.ts';
import { ReadTranscript, readTranscript, Transcript } from './transcript.ts';

/** Something that is looked up, never changed. */
export type Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> = {
  title: string;
  description: string;
  permission: Permission;
  input: Input;
  output: Output;
  run(ctx: UserContext, input: z.infer<Input>): Promise<z.infer<Output>>;
};

const tool = <Input extends z.ZodObject, Output extends z.ZodObject>(given: Tool<Input, Output>) =>
  given as unknown as Tool;

/** All that is offered, each for whoever has its permission. */
export const tools: Record<string, Tool> = {
  list_instances: tool({
    title: 'List instances',
    description:
      'The agent instances that the person sees: how each is (status, and what to know about it), its model, how many tasks run and how many approvals wait, and when it was last active. One that is RUNNING without tasks is idle.',
    permission: 'instance:read',
    input: z.object({}),
    output: z.object({ instances: z.array(Instance) }),
    run: async (ctx) => ({ instances: await listInstances(ctx) }),
  }),
  list_sessions: tool({
    title: 'List conversations',
    description:
      'The conversations that the person may read, the latest first: all of them, or those with one instance.',
    permission: 'session:read',
    input: ListReadableSessions,
    output: SessionPage,
    run: listReadableSessions,
  }),
  search_sessions: tool({
    title: 'Search conversations',
    description: `Finds words, as they are written, in titles and messages of the ${SEARCH_WINDOW} latest conversations that the person may read.`,
    permission: 'session:read',
    input: SearchSessions,
    output: z.object({ found: z.array(FoundSession) }),
    run: async (ctx, input) => ({ found: await searchSessions(ctx, input) }),
  }),
  read_transcript: tool({
    title: 'Read a conversation',
    description: 'A page of a conversation, the newest one without a cursor. Long texts are cut.',
    permission: 'session:read',
    input: ReadTranscript,
    output: Transcript,
    run: readTranscript,
  }),
  pending_approvals: tool({
    title: 'What waits for approval',
    description: 'The commands of all instances that wait for a person’s decision, the oldest first, and until when.',
    permission: 'session:read',
    input: z.object({}),
    output: PendingApprovals,
    run: listPending,
  }),
  recent_failures: tool({
    title: 'What failed lately',
    description: 'Tasks that failed or ran out of time, the latest first: on which instance, when and why.',
    permission: 'session:read',
    input: ListFailures,
    output: z.object({ failures: z.array(Failed) }),
    run: async (ctx, input) => ({ failures: await listFailures(ctx, input) }),
  }),
};
