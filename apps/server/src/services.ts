import { join } from 'node:path';
import { createAllowList } from '@it0/api/agent/bridge/allow-list';
import { createReportAppender } from '@it0/api/agent/dispatch/append-reports';
import { createDispatcher } from '@it0/api/agent/dispatch/dispatcher';
import { createLiveReplies } from '@it0/api/agent/dispatch/live-replies';
import { SCRIPTED_MODEL } from '@it0/api/agent/instance/model-settings';
import type { TaskMetrics } from '@it0/api/agent/task/task-metrics';
import { createTaskWriter } from '@it0/api/agent/task/task-writer';
import { createAuth } from '@it0/api/auth/auth';
import { createProvider } from '@it0/api/auth/provider/provider';
import { createRateLimits } from '@it0/api/auth/rate-limits';
import { createUserLookup } from '@it0/api/auth/user-lookup';
import type { Services } from '@it0/api/context';
import type { Core } from '@it0/api/core';
import type { InstanceHost } from '@it0/api/instance-host';
import { createSharedReads } from '@it0/api/shared-reads';
import { INTERNET, parseReach } from '@it0/node/reach';
import { createFolderStore } from './attachments/folder-store.ts';
import type { ServerLimits } from './http/limits.ts';
import type { ServerOptions } from './server-options.ts';
import { createOpenAiTranscriber } from './voice/openai-transcriber.ts';
import { startScriptedSpeech } from './voice/scripted-speech.ts';

type Parts = {
  options: ServerOptions;
  core: Core;
  limits: ServerLimits;
  metrics: TaskMetrics;
  local: InstanceHost;
  /** Receives what must be closed. */
  resources: AsyncDisposableStack;
};

/** Creates what all requests of a server share. */
export async function createServices({ options, core, limits, metrics, local, resources }: Parts): Promise<Services> {
  const { db, keys, log, refusedTenants } = core;
  const { oidc, publicUrl, sendMail } = options;
  const identity = { platform: db.platform, keys, publicUrl };
  const users = createUserLookup(db.pool, keys);
  return {
    ...core,
    live: resources.use(createLiveReplies({ pool: db.pool, log })),
    dispatcher: resources.use(createDispatcher({ pool: db.pool, log, refusedTenants })),
    metrics,
    local,
    bridgeAllow: createAllowList(options.bridgeAllow ?? []),
    bridgePackage: options.bridgePackage ?? null,
    modelReach: parseReach(options.modelAllow ?? [INTERNET]),
    serverModel: options.serverModel ?? SCRIPTED_MODEL,
    writeTask: createTaskWriter(db.pool),
    appendReports: createReportAppender(db.pool),
    attachments: options.attachments ?? createFolderStore(join(options.dataDir, 'attachments')),
    storageLimits: limits.storage,
    sharedReads: createSharedReads(),
    auth: createAuth(identity),
    findUser: users.find,
    refreshUser: users.refreshUser,
    provider: oidc && publicUrl ? createProvider({ ...identity, oidc, publicUrl }) : null,
    signInMethods: {
      ...{ oidc: oidc !== undefined && publicUrl !== undefined, mail: sendMail !== undefined },
      address: publicUrl?.startsWith('https:') ? new URL(publicUrl).origin : undefined,
    },
    sendMail,
    rateLimits: createRateLimits({ pool: db.pool, keys, tasksPerMinute: options.tasksPerMinute ?? 120, ...limits }),
    transcriber: await openTranscriber(options, resources),
  };
}

async function openTranscriber({ speech }: ServerOptions, resources: AsyncDisposableStack) {
  if (speech !== 'scripted') return speech ? createOpenAiTranscriber(speech) : null;
  const { url } = resources.use(await startScriptedSpeech());
  return createOpenAiTranscriber({ url, model: 'scripted', host: null });
}
