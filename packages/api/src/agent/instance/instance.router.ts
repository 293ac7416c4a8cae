import { Id } from '@it0/contracts/ids';
import { z } from 'zod';
import { can, router } from '../../trpc.ts';
import { createEnrollment } from '../bridge/enroll.ts';
import { ListSessions, listSessions } from '../session/list-sessions.ts';
import { CreateTask, createTask } from '../task/create-task.ts';
import {
  CreateInstance,
  createInstance,
  RenameInstance,
  renameInstance,
  SetModel,
  setModel,
} from './create-instance.ts';
import { docs } from './instance.rest.ts';
import { listInstances, requireInstance } from './instance.ts';
import { removeInstance, restartInstance, startInstance, stopInstance } from './lifecycle.ts';
import { readLogs } from './logs.ts';
import { onStatus } from './on-status.ts';
import { probeModel, TestModel } from './probe-model.ts';
import { listShares, ShareInstance, shareInstance, UnshareInstance, unshareInstance } from './share.ts';
import { SetSharedFolder, setSharedFolder } from './shared-folder.ts';

const InstanceInput = z.object({ instanceId: Id });

export const instanceRouter = router({
  list: can('instance:read')
    .meta(docs.list)
    .query(({ ctx }) => listInstances(ctx)),
  byId: can('instance:read')
    .meta(docs.byId)
    .input(InstanceInput)
    .query(({ ctx, input }) => requireInstance(ctx, input.instanceId)),
  /** Streams the result of `list`, now and after every change. */
  onStatus: can('instance:read').subscription(({ ctx }) => onStatus(ctx)),
  create: can('instance:manage')
    .meta(docs.create)
    .input(CreateInstance)
    .mutation(({ ctx, input }) => createInstance(ctx, input)),
  enroll: can('instance:manage')
    .meta(docs.enroll)
    .input(InstanceInput)
    .mutation(({ ctx, input }) => createEnrollment(ctx, input.instanceId)),
  rename: can('instance:manage')
    .meta(docs.rename)
    .input(RenameInstance)
    .mutation(({ ctx, input }) => renameInstance(ctx, input)),
  start: can('instance:manage')
    .meta(docs.start)
    .input(InstanceInput)
    .mutation(({ ctx, input }) => startInstance(ctx, input.instanceId)),
  stop: can('instance:manage')
    .meta(docs.stop)
    .input(InstanceInput)
    .mutation(({ ctx, input }) => stopInstance(ctx, input.instanceId)),
  restart: can('instance:manage')
    .meta(docs.restart)
    .input(InstanceInput)
    .mutation(({ ctx, input }) => restartInstance(ctx, input.instanceId)),
  remove: can('instance:manage')
    .meta(docs.remove)
    .input(InstanceInput)
    .mutation(({ ctx, input }) => removeInstance(ctx, input.instanceId)),
  logs: can('instance:manage')
    .meta(docs.logs)
    .input(InstanceInput)
    .query(({ ctx, input }) => readLogs(ctx, input.instanceId)),
  setModel: can('instance:manage')
    .meta(docs.setModel)
    .input(SetModel)
    .mutation(({ ctx, input }) => setModel(ctx, input)),
  testModel: can('instance:manage')
    .meta(docs.testModel)
    .input(TestModel)
    .mutation(({ ctx, input }) => probeModel(ctx, input)),
  setSharedFolder: can('instance:manage')
    .meta(docs.setSharedFolder)
    .input(SetSharedFolder)
    .mutation(({ ctx, input }) => setSharedFolder(ctx, input)),
  createTask: can('instance:use')
    .meta(docs.createTask)
    .input(CreateTask)
    .mutation(({ ctx, input }) => createTask(ctx, input)),
  sessions: can('session:read')
    .meta(docs.sessions)
    .input(ListSessions)
    .query(({ ctx, input }) => listSessions(ctx, input)),
  shares: can('instance:manage')
    .meta(docs.shares)
    .input(InstanceInput)
    .query(({ ctx, input }) => listShares(ctx, input.instanceId)),
  share: can('instance:manage')
    .meta(docs.share)
    .input(ShareInstance)
    .mutation(({ ctx, input }) => shareInstance(ctx, input)),
  unshare: can('instance:manage')
    .meta(docs.unshare)
    .input(UnshareInstance)
    .mutation(({ ctx, input }) => unshareInstance(ctx, input)),
});
