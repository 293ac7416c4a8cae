import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import type { BridgePackage } from '@it0/api/agent/bridge/compatibility';
import type { Model } from '@it0/api/agent/instance/model-settings';
import type { Oidc } from '@it0/api/auth/auth';
import type { SendMail } from '@it0/api/auth/mail';
import type { Isolation } from '@it0/contracts/bridge';
import type { Logger } from 'pino';
import type { ServerLimits } from './http/limits.ts';
import type { AssistantOptions } from './instances/assistant.ts';
import type { DriverOptions, LocalDriver } from './instances/drivers/driver.ts';
import type { TranscriberOptions } from './voice/openai-transcriber.ts';

/** Options of `createServer`. */
export type ServerOptions = {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Folder of the embedded database, and of all data outside a database. */
  dataDir: string;
  /** Replaces the embedded database. */
  databaseUrl?: string;
  /** Redis for events between servers on one database, instead of the database itself. */
  redisUrl?: string;
  /** Secret for encryption and signatures. */
  secret: string;
  /** Previous secret. Its data is re-encrypted, and its signatures are still accepted. */
  secretBefore?: string;
  /** Next secret. Its data and signatures are already accepted. */
  secretNext?: string;
  /** Public origin, when it differs from the listen address. */
  publicUrl?: string;
  /** Host name for sign-in on this machine, instead of `localhost`. */
  loginName?: string;
  /** Proxies whose report of a client's address is trusted. */
  trustedProxies?: string[];
  /** Secret that the nearest of these proxies sends. */
  proxySecret?: string;
  /** Limit of messages per minute and person. Defaults to 120. */
  tasksPerMinute?: number;
  /** Days for which the events of an ended task are stored; 0 for ever. */
  eventDays?: number;
  /** Overrides of the default limits. */
  limits?: Partial<ServerLimits>;
  /** Identity provider for sign-in. Requires `publicUrl`. */
  oidc?: Oidc;
  /** Sends mails. Without it, people pass links on themselves. */
  sendMail?: SendMail;
  /** Store of attachments. Defaults to the data folder. */
  attachments?: AttachmentStore;
  /** Bearer token for `/metrics`. Without it, `/metrics` responds only to this machine. */
  metricsToken?: string;
  /** Folder of the built web app. Without it, only the API is served. */
  webDir?: string;
  /** Allowed hosts of remote bridges: names, addresses and subnets, each with an optional port. */
  bridgeAllow?: string[];
  /** Allowed hosts of models: `internet`, or entries as in `bridgeAllow`. */
  modelAllow?: string[];
  /** Package of the bridge for other hosts. */
  bridgePackage?: BridgePackage;
  /** Driver of local instances. Without it, this server runs none. */
  localDriver?: (options: DriverOptions) => LocalDriver;
  /** Default model of instances. Defaults to the scripted model. */
  serverModel?: Model;
  /**
   * Isolation of local instances. Without isolation, only one tenant can have them. When undefined, it is not checked.
   */
  isolation?: Promise<Isolation | null>;
  /** Returns the memory available for instances, in bytes. */
  availableMemory?: () => Promise<number>;
  /** Free space in MB on the disk of the data folder below which agents run no commands. */
  diskFloorMb?: number;
  /** Speech recognition. Without it, there is no dictation. */
  speech?: TranscriberOptions | 'scripted';
  /** Engine and driver of iAgent. Without it, there is no iAgent. */
  assistant?: AssistantOptions;
  log: Logger;
  /** Time for which a server that is being stopped still accepts requests, but is not ready. Defaults to 0. */
  drainMs?: number;
  /** Receives the number of migrated tenants. */
  onProgress?: (done: number, total: number) => void;
};
