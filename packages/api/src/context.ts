import type { Bus } from '@it0/bus/bus';
import type { Permission, Role } from '@it0/contracts/permissions';
import type { Database } from '@it0/db/database';
import type { Reach } from '@it0/node/reach';
import type { Logger } from 'pino';
import type { StorageLimits } from './agent/attachment/quota.ts';
import type { AttachmentStore } from './agent/attachment/store.ts';
import type { AllowList } from './agent/bridge/allow-list.ts';
import type { BridgePackage } from './agent/bridge/compatibility.ts';
import type { ReportAppender } from './agent/dispatch/append-reports.ts';
import type { Dispatcher } from './agent/dispatch/dispatcher.ts';
import type { LiveReplies } from './agent/dispatch/live-replies.ts';
import type { InstanceHost } from './agent/instance/instance-records.ts';
import type { Model } from './agent/instance/model-settings.ts';
import type { TaskWriter } from './agent/task/create-task.ts';
import type { Auth } from './auth/auth.ts';
import type { Keys } from './auth/keys.ts';
import type { SendMail } from './auth/mail.ts';
import type { Provider } from './auth/provider/provider.ts';
import type { UserLookup } from './auth/user-lookup.ts';
import type { RateLimits } from './rate-limits.ts';
import type { SharedReads } from './shared-reads.ts';
import type { TaskMetrics } from './task-metrics.ts';

/** Authenticated caller. */
export type Person = {
  id: string;
  name: string;
  email: string;
  /** Login session of the device; null with an API key. */
  login: { id: string; token: string } | null;
  /** Null for a person without a tenant. */
  user: User | null;
  /** Session token or hashed API key. */
  credential: string;
  /** Fingerprint of the credential and its access rights. Changes when either does. */
  access: string;
};

/** A person in a tenant, with their permissions there. */
export type User = {
  id: string;
  name: string;
  tenantId: string;
  tenantName: string;
  role: Role;
  permissions: ReadonlySet<Permission>;
};

/** Ways to sign in, besides a password. */
export type SignInMethods = {
  /** By an identity provider. */
  oidc: boolean;
  /** Whether password resets are sent by email. */
  mail: boolean;
  /** The https origin that login cookies require; undefined when they work at any address. */
  address?: string;
};

/** Dependencies that all requests of a server process share. */
export type Services = {
  db: Database;
  bus: Bus;
  keys: Keys;
  log: Logger;
  live: LiveReplies;
  dispatcher: Dispatcher;
  /** Driver for the instances on this machine. */
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
  findUser: UserLookup['find'];
  refreshUser: UserLookup['refreshUser'];
  auth: Auth;
  /** Identity provider; null when none is configured. */
  provider: Provider | null;
  rateLimits: RateLimits;
  /** Coalesces the list reads of a person's streams. */
  sharedReads: SharedReads;
  /** Stores the content of attachments. */
  attachments: AttachmentStore;
  storageLimits: StorageLimits;
  /** Sends mail; undefined when mail is not configured, and links are passed on by people. */
  sendMail: SendMail | undefined;
  signInMethods: SignInMethods;
  /** Tenants whose schema could not be migrated when this server started. */
  refusedTenants: ReadonlySet<string>;
};

/** Origin of a request. */
export type Caller = {
  /** Client address, according to the trusted proxies. */
  ip: string;
  userAgent: string | null;
  /** Transport of the login, if the request has one. */
  authVia: 'cookie' | 'bearer';
  /** Whether a browser accepts the login cookie. It does not over plain http when cookies require https. */
  canStoreLogin: boolean;
  /** Token of a known device, see `device-token`. */
  device: string | null;
  setDeviceCookie(token: string): void;
  /** Login of the request, if it has one. */
  login: { id: string; email: string } | null;
  /** Sets the login cookie, or deletes it with null. */
  setLoginCookie(login: Login | null): void;
};

/** Content of the login cookie: the signed token of a login session. */
export type Login = { token: string; expiresAt: Date };

/** Context of a request, created by the transport. */
export type Context = {
  services: Services;
  person: Person | null;
  /** Null on the WebSocket, where sign-in is not possible. */
  caller: Caller | null;
};

/** Context of functions that callers without a login may use. */
export type PublicContext = Services & { caller: Caller };

/** Context of functions about a person's account, outside a tenant. */
export type PersonContext = PublicContext & { person: Person & { login: NonNullable<Person['login']> } };

/** Context of functions in a tenant. */
export type UserContext = Services & { user: User };

/** Context of functions in a tenant that API keys cannot use. */
export type MemberContext = UserContext & PersonContext;
