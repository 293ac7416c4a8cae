import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { can, router } from '../../trpc.ts';
import { createEnrollment, Enrollment } from '../bridge/enroll.ts';
import { ListSessions, listSessions, SessionPage } from '../session/session.ts';
import { CreatedTask, CreateTask, createTask } from '../task/create-task.ts';
import {
  CreateInstance,
  createInstance,
  RenameInstance,
  renameInstance,
  SetModel,
  setModel,
} from './create-instance.ts';
import { Instance, listInstances, requireInstance } from './instance.ts';
import { removeInstance, restartInstance, startInstance, stopInstance } from './lifecycle.ts';
import { InstanceLogs, readLogs } from './logs.ts';
import { onStatus } from './on-status.ts';
import { ModelTest, probeModel, TestModel } from './probe-model.ts';
import { listShares, Share, ShareInstance, shareInstance, UnshareInstance, unshareInstance } from './share.ts';
import { SetSharedFolder, setSharedFolder } from './shared-folder.ts';

const InstanceInput = z.object({ instanceId: Id });

export const instanceRouter = router({
  list: can('instance:read')
    .meta(
      rest('GET /agent/instances', {
        operationId: 'listInstances',
        summary: 'The instances you see, oldest first',
        response: z.array(Instance),
      }),
    )
    .query(({ ctx }) => listInstances(ctx)),
  byId: can('instance:read')
    .meta(
      rest('GET /agent/instances/{instanceId}', {
        operationId: 'getInstance',
        summary: 'One instance',
        response: Instance,
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(InstanceInput)
    .query(({ ctx, input }) => requireInstance(ctx, input.instanceId)),
  /** `list`, as it is now and again whenever something of it changes. */
  onStatus: can('instance:read').subscription(({ ctx }) => onStatus(ctx)),
  create: can('instance:manage')
    .meta(
      rest('POST /agent/instances', {
        operationId: 'createInstance',
        summary: 'Make an agent of your own',
        response: Instance,
        description: 'It is there at once and DEPLOYING; follow `getInstance` until it is RUNNING.',
        errors: [
          'NOT_ENOUGH_MEMORY',
          'NOT_ISOLATED',
          'MODEL_KEY_MISSING',
          'MODEL_ADDRESS_REFUSED',
          'INSTANCE_NOT_FOUND',
        ],
      }),
    )
    .input(CreateInstance)
    .mutation(({ ctx, input }) => createInstance(ctx, input)),
  enroll: can('instance:manage')
    .meta(
      rest('POST /agent/instances/{instanceId}/enrollment', {
        operationId: 'enrollBridge',
        summary: 'Let a bridge on another host enroll as an instance’s of yours',
        response: Enrollment,
        description: 'Whatever code there was before ends. The bridge it has stays its own until another one enrolls.',
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(InstanceInput)
    .mutation(({ ctx, input }) => createEnrollment(ctx, input.instanceId)),
  rename: can('instance:manage')
    .meta(
      rest('PATCH /agent/instances/{instanceId}', {
        operationId: 'renameInstance',
        summary: 'Give an instance of yours another name',
        response: Instance,
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(RenameInstance)
    .mutation(({ ctx, input }) => renameInstance(ctx, input)),
  start: can('instance:manage')
    .meta(
      rest('POST /agent/instances/{instanceId}/start', {
        operationId: 'startInstance',
        summary: 'Start an instance that is stopped or in trouble',
        response: Instance,
        description: 'Of one that runs it changes nothing.',
        errors: ['INSTANCE_NOT_FOUND', 'NOT_ENOUGH_MEMORY'],
      }),
    )
    .input(InstanceInput)
    .mutation(({ ctx, input }) => startInstance(ctx, input.instanceId)),
  stop: can('instance:manage')
    .meta(
      rest('POST /agent/instances/{instanceId}/stop', {
        operationId: 'stopInstance',
        summary: 'Stop an instance of yours',
        response: Instance,
        description:
          'It takes no more messages. What it is at may end first, and goes on after the next start if it cannot.',
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(InstanceInput)
    .mutation(({ ctx, input }) => stopInstance(ctx, input.instanceId)),
  restart: can('instance:manage')
    .meta(
      rest('POST /agent/instances/{instanceId}/restart', {
        operationId: 'restartInstance',
        summary: 'Start an instance of yours anew',
        response: Instance,
        errors: ['INSTANCE_NOT_FOUND', 'NOT_ENOUGH_MEMORY'],
      }),
    )
    .input(InstanceInput)
    .mutation(({ ctx, input }) => restartInstance(ctx, input.instanceId)),
  remove: can('instance:manage')
    .meta(
      rest('DELETE /agent/instances/{instanceId}', {
        operationId: 'removeInstance',
        summary: 'Remove an instance of yours with all its conversations',
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(InstanceInput)
    .mutation(({ ctx, input }) => removeInstance(ctx, input.instanceId)),
  logs: can('instance:manage')
    .meta(
      rest('GET /agent/instances/{instanceId}/logs', {
        operationId: 'readLogs',
        summary: 'What an instance of yours wrote of late',
        response: InstanceLogs,
        errors: ['INSTANCE_NOT_FOUND', 'BRIDGE_UNREACHABLE'],
      }),
    )
    .input(InstanceInput)
    .query(({ ctx, input }) => readLogs(ctx, input.instanceId)),
  setModel: can('instance:manage')
    .meta(
      rest('PUT /agent/instances/{instanceId}/model', {
        operationId: 'setModel',
        summary: 'Give an instance of yours another model',
        response: Instance,
        description: 'It is started anew with it. The key is never told again.',
        errors: ['INSTANCE_NOT_FOUND', 'MODEL_KEY_MISSING', 'MODEL_ADDRESS_REFUSED'],
      }),
    )
    .input(SetModel)
    .mutation(({ ctx, input }) => setModel(ctx, input)),
  testModel: can('instance:manage')
    .meta(
      rest('POST /agent/instances/{instanceId}/model/test', {
        operationId: 'testModel',
        summary: 'Ask a model for one word, and tell what its provider answers',
        response: ModelTest,
        errors: ['INSTANCE_NOT_FOUND', 'MODEL_KEY_MISSING', 'MODEL_ADDRESS_REFUSED'],
      }),
    )
    .input(TestModel)
    .mutation(({ ctx, input }) => probeModel(ctx, input)),
  setSharedFolder: can('instance:manage')
    .meta(
      rest('PUT /agent/instances/{instanceId}/shared-folder', {
        operationId: 'setSharedFolder',
        summary: 'Let everybody’s tasks write to the shared folder of an instance of yours, or not',
        response: Instance,
        description:
          'Each person who uses an instance has a workspace of their own there; all of them read the shared folder. It holds for the tasks that begin afterwards.',
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(SetSharedFolder)
    .mutation(({ ctx, input }) => setSharedFolder(ctx, input)),
  createTask: can('instance:use')
    .meta(
      rest('POST /agent/instances/{instanceId}/tasks', {
        operationId: 'createTask',
        summary: 'Send a message to an agent',
        response: CreatedTask,
        description:
          'Answers as soon as the task is kept; the agent has not been asked yet. Read the session’s messages for the reply, or follow it live. Asked again with the same `requestId` it answers the same, so a request that got no answer can be repeated.',
        errors: [
          ...(['INSTANCE_NOT_FOUND', 'INSTANCE_NOT_RUNNING', 'SESSION_NOT_FOUND', 'TOO_MANY_REQUESTS'] as const),
          ...(['ATTACHMENT_NOT_FOUND', 'ATTACHMENT_TOO_LARGE'] as const),
        ],
      }),
    )
    .input(CreateTask)
    .mutation(({ ctx, input }) => createTask(ctx, input)),
  sessions: can('session:read')
    .meta(
      rest('GET /agent/instances/{instanceId}/sessions', {
        operationId: 'listSessions',
        summary: 'The conversations with an instance, the latest first',
        response: SessionPage,
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(ListSessions)
    .query(({ ctx, input }) => listSessions(ctx, input)),
  shares: can('instance:manage')
    .meta(
      rest('GET /agent/instances/{instanceId}/shares', {
        operationId: 'listShares',
        summary: 'Who else sees an instance of yours',
        response: z.array(Share),
        errors: ['INSTANCE_NOT_FOUND'],
      }),
    )
    .input(InstanceInput)
    .query(({ ctx, input }) => listShares(ctx, input.instanceId)),
  share: can('instance:manage')
    .meta(
      rest('POST /agent/instances/{instanceId}/shares', {
        operationId: 'shareInstance',
        summary: 'Let somebody see an instance of yours',
        description: 'Repeated, it changes nothing.',
        errors: ['INSTANCE_NOT_FOUND', 'MEMBER_NOT_FOUND'],
      }),
    )
    .input(ShareInstance)
    .mutation(({ ctx, input }) => shareInstance(ctx, input)),
  unshare: can('instance:manage')
    .meta(
      rest('DELETE /agent/instances/{instanceId}/shares/{shareId}', {
        operationId: 'unshareInstance',
        summary: 'End a share',
        errors: ['INSTANCE_NOT_FOUND', 'SHARE_NOT_FOUND'],
      }),
    )
    .input(UnshareInstance)
    .mutation(({ ctx, input }) => unshareInstance(ctx, input)),
});
