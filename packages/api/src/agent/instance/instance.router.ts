import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { ListSessions, listSessions, SessionPage } from '../session/session.ts';
import { CreatedTask, CreateTask, createTask } from '../task/create-task.ts';
import { Instance, listInstances, requireInstance } from './instance.ts';
import { listShares, OneShare, Share, ShareInstance, shareInstance, unshareInstance } from './share.ts';

export const instanceRouter = router({
  list: can('instance:read')
    .meta(
      rest('GET /agent/instances', {
        operationId: 'listInstances',
        summary: 'The instances you see, oldest first',
        answer: z.array(Instance),
      }),
    )
    .query(({ ctx }) => listInstances(ctx)),
  byId: can('instance:read')
    .meta(
      rest('GET /agent/instances/{instanceId}', {
        operationId: 'getInstance',
        summary: 'One instance',
        answer: Instance,
        refusals: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(z.object({ instanceId: Id }))
    .query(({ ctx, input }) => requireInstance(ctx, input.instanceId)),
  createTask: can('instance:use')
    .meta(
      rest('POST /agent/instances/{instanceId}/tasks', {
        operationId: 'createTask',
        summary: 'Send a message to an agent',
        answer: CreatedTask,
        description:
          'Answers as soon as the task is kept; the agent has not been asked yet. Read the session’s messages for the reply, or follow it live. Asked again with the same `requestId` it answers the same, so a request that got no answer can be repeated.',
        refusals: ['INSTANCE_NOT_FOUND', 'INSTANCE_NOT_RUNNING', 'SESSION_NOT_FOUND', 'TOO_MANY_REQUESTS'],
      }),
    )
    .input(CreateTask)
    .mutation(({ ctx, input }) => createTask(ctx, input)),
  sessions: can('session:read')
    .meta(
      rest('GET /agent/instances/{instanceId}/sessions', {
        operationId: 'listSessions',
        summary: 'The conversations with an instance, the latest first',
        answer: SessionPage,
        refusals: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(ListSessions)
    .query(({ ctx, input }) => listSessions(ctx, input)),
  shares: can('instance:manage')
    .meta(
      rest('GET /agent/instances/{instanceId}/shares', {
        operationId: 'listShares',
        summary: 'Who else sees an instance of yours',
        answer: z.array(Share),
        refusals: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(z.object({ instanceId: Id }))
    .query(({ ctx, input }) => listShares(ctx, input.instanceId)),
  share: can('instance:manage')
    .meta(
      rest('POST /agent/instances/{instanceId}/shares', {
        operationId: 'shareInstance',
        summary: 'Let somebody see an instance of yours',
        description: 'Repeated, it changes nothing.',
        refusals: ['INSTANCE_NOT_FOUND', 'MEMBER_NOT_FOUND'],
      }),
    )
    .input(ShareInstance)
    .mutation(({ ctx, input }) => shareInstance(ctx, input)),
  unshare: can('instance:manage')
    .meta(
      rest('DELETE /agent/instances/{instanceId}/shares/{shareId}', {
        operationId: 'unshareInstance',
        summary: 'End a share',
        refusals: ['INSTANCE_NOT_FOUND', 'SHARE_NOT_FOUND'],
      }),
    )
    .input(OneShare)
    .mutation(({ ctx, input }) => unshareInstance(ctx, input)),
});
