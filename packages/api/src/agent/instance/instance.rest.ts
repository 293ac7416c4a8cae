import { z } from 'zod';
import { rest } from '../../rest/rest.ts';
import { Enrollment } from '../bridge/enroll.ts';
import { SessionPage } from '../session/list-sessions.ts';
import { CreatedTask } from '../task/create-task.ts';
import { Instance } from './instance.ts';
import { InstanceLogs } from './logs.ts';
import { ModelTest } from './probe-model.ts';
import { Share } from './share.ts';

/** REST operations of the instance procedures. */
export const docs = {
  list: rest('GET /agent/instances', {
    operationId: 'listInstances',
    summary: 'List the instances you can see, oldest first',
    response: z.array(Instance),
  }),
  byId: rest('GET /agent/instances/{instanceId}', {
    operationId: 'getInstance',
    summary: 'Get an instance',
    response: Instance,
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  create: rest('POST /agent/instances', {
    operationId: 'createInstance',
    summary: 'Create an instance',
    response: Instance,
    description: 'The instance is DEPLOYING at first. Poll `getInstance` until it is RUNNING.',
    errors: ['NOT_ENOUGH_MEMORY', 'NOT_ISOLATED', 'MODEL_KEY_MISSING', 'MODEL_ADDRESS_REFUSED', 'INSTANCE_NOT_FOUND'],
  }),
  enroll: rest('POST /agent/instances/{instanceId}/enrollment', {
    operationId: 'enrollBridge',
    summary: 'Create a code with which a bridge enrolls for a remote instance you own',
    response: Enrollment,
    description:
      'The previous code becomes invalid. An enrolled bridge stays enrolled until another one uses the code.',
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  rename: rest('PATCH /agent/instances/{instanceId}', {
    operationId: 'renameInstance',
    summary: 'Rename an instance you own',
    response: Instance,
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  start: rest('POST /agent/instances/{instanceId}/start', {
    operationId: 'startInstance',
    summary: 'Start an instance you own that is stopped or in error',
    response: Instance,
    description: 'Has no effect on a running instance.',
    errors: ['INSTANCE_NOT_FOUND', 'NOT_ENOUGH_MEMORY'],
  }),
  stop: rest('POST /agent/instances/{instanceId}/stop', {
    operationId: 'stopInstance',
    summary: 'Stop an instance you own',
    response: Instance,
    description:
      'It accepts no more messages. Running tasks have some time to end, and otherwise continue after the next start.',
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  restart: rest('POST /agent/instances/{instanceId}/restart', {
    operationId: 'restartInstance',
    summary: 'Restart an instance you own',
    response: Instance,
    errors: ['INSTANCE_NOT_FOUND', 'NOT_ENOUGH_MEMORY'],
  }),
  remove: rest('DELETE /agent/instances/{instanceId}', {
    operationId: 'removeInstance',
    summary: 'Remove an instance you own, with all its sessions',
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  logs: rest('GET /agent/instances/{instanceId}/logs', {
    operationId: 'readLogs',
    summary: 'Read the recent logs of an instance you own',
    response: InstanceLogs,
    errors: ['INSTANCE_NOT_FOUND', 'BRIDGE_UNREACHABLE'],
  }),
  setModel: rest('PUT /agent/instances/{instanceId}/model', {
    operationId: 'setModel',
    summary: 'Set the model of an instance you own',
    response: Instance,
    description: 'The instance restarts with it. The key is never returned.',
    errors: ['INSTANCE_NOT_FOUND', 'MODEL_KEY_MISSING', 'MODEL_ADDRESS_REFUSED'],
  }),
  testModel: rest('POST /agent/instances/{instanceId}/model/test', {
    operationId: 'testModel',
    summary: 'Test a model with a one-word request to its provider',
    response: ModelTest,
    errors: ['INSTANCE_NOT_FOUND', 'MODEL_KEY_MISSING', 'MODEL_ADDRESS_REFUSED'],
  }),
  setSharedFolder: rest('PUT /agent/instances/{instanceId}/shared-folder', {
    operationId: 'setSharedFolder',
    summary: 'Set whether tasks may write to the shared folder of an instance you own',
    response: Instance,
    description:
      'Each user of an instance has their own workspace, and all of them can read the shared folder. Applies to tasks that start afterwards.',
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  createTask: rest('POST /agent/instances/{instanceId}/tasks', {
    operationId: 'createTask',
    summary: 'Send a message to an instance',
    response: CreatedTask,
    description:
      'Returns once the task is stored, before the agent receives it. For the reply, read the messages of the session or follow its events. A repeated request with the same `requestId` returns the same task, so it is safe to retry.',
    errors: [
      ...(['INSTANCE_NOT_FOUND', 'INSTANCE_NOT_RUNNING', 'SESSION_NOT_FOUND', 'TOO_MANY_REQUESTS'] as const),
      ...(['TASK_NOT_FOUND', 'ATTACHMENT_NOT_FOUND', 'ATTACHMENT_TOO_LARGE'] as const),
    ],
  }),
  sessions: rest('GET /agent/instances/{instanceId}/sessions', {
    operationId: 'listSessions',
    summary: 'List the sessions with an instance, most recently active first',
    response: SessionPage,
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  shares: rest('GET /agent/instances/{instanceId}/shares', {
    operationId: 'listShares',
    summary: 'List the shares of an instance you own',
    response: z.array(Share),
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  share: rest('POST /agent/instances/{instanceId}/shares', {
    operationId: 'shareInstance',
    summary: 'Share an instance you own with a member or a role',
    description: 'Idempotent.',
    errors: ['INSTANCE_NOT_FOUND', 'MEMBER_NOT_FOUND'],
  }),
  unshare: rest('DELETE /agent/instances/{instanceId}/shares/{shareId}', {
    operationId: 'unshareInstance',
    summary: 'Remove a share',
    errors: ['INSTANCE_NOT_FOUND', 'SHARE_NOT_FOUND'],
  }),
};
