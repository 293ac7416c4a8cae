import type { Reach } from '@it0/node/reach';
import type { RateLimits } from '../auth/rate-limits.ts';
import type { Core, UserContext } from '../core.ts';
import type { InstanceHost } from '../instance-host.ts';
import type { SharedReads } from '../shared-reads.ts';
import type { StorageLimits } from './attachment/quota.ts';
import type { AttachmentStore } from './attachment/store.ts';
import type { AllowList } from './bridge/allow-list.ts';
import type { BridgePackage } from './bridge/compatibility.ts';
import type { ReportAppender } from './dispatch/append-reports.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { LiveReplies } from './dispatch/live-replies.ts';
import type { Model } from './instance/model-settings.ts';
import type { TaskMetrics } from './task/task-metrics.ts';
import type { TaskWriter } from './task/task-writer.ts';

/** Dependencies of functions about agents: their instances, sessions, tasks and approvals. */
export type AgentServices = Core & {
  live: LiveReplies;
  dispatcher: Dispatcher;
  /** Machine of the local instances. */
  local: InstanceHost;
  /** Addresses that requests to remote bridges may go to. */
  bridgeAllow: AllowList;
  /** Allowed hosts of models with a custom address. */
  modelReach: Reach;
  /** Package that remote hosts download; null when it was not built. */
  bridgePackage: BridgePackage | null;
  /** Default model of agents on this server. */
  serverModel: Model;
  writeTask: TaskWriter;
  appendReports: ReportAppender;
  metrics: TaskMetrics;
  rateLimits: RateLimits;
  /** Coalesces the list reads of a person's streams. */
  sharedReads: SharedReads;
  /** Stores the content of attachments. */
  attachments: AttachmentStore;
  storageLimits: StorageLimits;
};

/** Context of functions about agents in a tenant. */
export type AgentContext = AgentServices & UserContext;
