import type { Permission } from '@it0/contracts/permissions';
import { z } from 'zod';
import type { AgentContext } from '../agent/agent-services.ts';
import { listPending, PendingApprovals } from '../agent/approval/pending.ts';
import { Instance, listInstances } from '../agent/instance/instance.ts';
import { SearchResult, SearchSessions, searchSessions } from '../agent/search/search-sessions.ts';
import { ListReadableSessions, listReadableSessions, SessionPage } from '../agent/session/list-sessions.ts';
import { FailedTask, ListFailures, listFailures } from '../agent/task/recent-failures.ts';
import { ReadTranscript, readTranscript, Transcript } from './transcript.ts';

/** A read-only tool. */
export type Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> = {
  title: string;
  description: string;
  permission: Permission;
  input: Input;
  output: Output;
  run(ctx: AgentContext, input: z.infer<Input>): Promise<z.infer<Output>>;
};

const tool = <Input extends z.ZodObject, Output extends z.ZodObject>(definition: Tool<Input, Output>) =>
  definition as unknown as Tool;

/** All tools by name. Each requires its permission. */
export const tools: Record<string, Tool> = {
  list_instances: tool({
    title: 'List instances',
    description:
      'Lists the agent instances that the person can see, with status, status reason, model, number of running tasks and pending approvals, and time of last activity. An instance that is RUNNING without tasks is idle.',
    permission: 'instance:read',
    input: z.object({}),
    output: z.object({ instances: z.array(Instance) }),
    run: async (ctx) => ({ instances: await listInstances(ctx) }),
  }),
  list_sessions: tool({
    title: 'List conversations',
    description: 'Lists the conversations that the person can read, newest first, optionally of one instance only.',
    permission: 'session:read',
    input: ListReadableSessions,
    output: SessionPage,
    run: listReadableSessions,
  }),
  search_sessions: tool({
    title: 'Search conversations',
    description:
      'Finds the messages, outputs of tools and titles with all words of a query in the conversations that the person can read, latest first. Words match by their beginning, and Chinese text anywhere.',
    permission: 'session:read',
    input: SearchSessions,
    output: SearchResult,
    run: searchSessions,
  }),
  read_transcript: tool({
    title: 'Read a conversation',
    description: 'Returns a page of a conversation. Without a cursor, the newest page. Long texts are truncated.',
    permission: 'session:read',
    input: ReadTranscript,
    output: Transcript,
    run: readTranscript,
  }),
  pending_approvals: tool({
    title: 'List pending approvals',
    description: 'Lists the commands of all instances that wait for a decision, oldest first, with their expiry times.',
    permission: 'session:read',
    input: z.object({}),
    output: PendingApprovals,
    run: listPending,
  }),
  recent_failures: tool({
    title: 'List recent failures',
    description: 'Lists tasks that failed or timed out, newest first, with their instance, time and reason.',
    permission: 'session:read',
    input: ListFailures,
    output: z.object({ failures: z.array(FailedTask) }),
    run: async (ctx, input) => ({ failures: await listFailures(ctx, input) }),
  }),
};
