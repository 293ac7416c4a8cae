import type { Bus } from '@it0/bus/bus';
import type { Permission, Role } from '@it0/contracts/permissions';
import type { Database } from '@it0/db/database';
import type { Reach } from '@it0/node/reach';
import type { Logger } from 'pino';
import type { StorageLimits } from './agent/attachment/quota.ts';
import type { AttachmentStore } from './agent/attachment/store.ts';
import type { AllowList } from './agent/bridge/allow-list.ts';
import type { BridgePackage } from './agent/bridge/compatibility.ts';
import type { ReportLog } from './agent/dispatch/append-reports.ts';
import type { Dispatcher } from './agent/dispatch/dispatcher.ts';
import type { LiveReplies } from './agent/dispatch/live-replies.ts';
import type { InstanceHost } from './agent/instance/instance-records.ts';
import type { Model } from './agent/instance/model-settings.ts';
import type { TaskLog } from './agent/task/create-task.ts';
import type { Auth } from './auth/auth.ts';
import type { Keys } from './auth/keys.ts';
import type { SendMail } from './auth/mail.ts';
import type { Provider } from './auth/provider/provider.ts';
import type { UserLookup } from './auth/user-lookup.ts';
import type { Measure } from './measure.ts';
import type { RateLimits } from './rate-limits.ts';
import type { SharedReads } from './shared-reads.ts';

/** Who asks. */
export type Person = {
  id: string;
  name: string;
  email: string;
  /** The device they are signed in on; null with an API key. */
  login: { id: string; token: string } | null;
  /** Null for somebody who belongs to no tenant. */
  user: User | null;
  /** What they were let in by, and what they may: the same as long as nothing of it changes. */
  credential: string;
  access: string;
};

/** Who asks, and what they may do in which tenant. */
export type User = {
  id: string;
  name: string;
  tenantId: string;
  tenantName: string;
  role: Role;
  permissions: ReadonlySet<Permission>;
};

/** What people can do to come in, a password aside. */
export type SignInMethods = {
  /** An identity from elsewhere. */
  oidc: boolean;
  /** A forgotten password is mended by a mail. */
  mail: boolean;
  /** The https origin that login cookies require; undefined when they work at any. */
  address?: string;
};

/** What one server process shares among all requests. */
export type Services = {
  db: Database;
  bus: Bus;
  keys: Keys;
  log: Logger;
  live: LiveReplies;
  dispatcher: Dispatcher;
  /** The machine that instances run on. */
  local: InstanceHost;
  /** Where requests to bridges on other hosts may go. */
  bridgeAllow: AllowList;
  /** Allowed hosts of models with a custom address. */
  modelReach: Reach;
  /** What other hosts run; null where it was not built. */
  bridgePackage: BridgePackage | null;
  /** What the agents on it answer with that have no model of their own. */
  serverModel: Model;
  writeTask: TaskLog;
  appendReports: ReportLog;
  measure: Measure;
  findUser: UserLookup['find'];
  refreshUser: UserLookup['refreshUser'];
  auth: Auth;
  /** Where people have an identity already, if that is set up. */
  provider: Provider | null;
  rateLimits: RateLimits;
  /** Coalesces reads of lists by the streams of a person. */
  sharedReads: SharedReads;
  /** Where the content of attachments is. */
  attachments: AttachmentStore;
  storageLimits: StorageLimits;
  /** Where links are sent by mail; without it they go from hand to hand. */
  sendMail: SendMail | undefined;
  signInWays: SignInMethods;
  /** Those whose schema could not be brought up to date when this server started. */
  refusedTenants: ReadonlySet<string>;
};

/** Where a request comes from. */
export type Caller = {
  /** The client's address, as far as the proxies that are trusted tell it. */
  ip: string;
  userAgent: string | null;
  /** How the login came that was shown, if one was. */
  authVia: 'cookie' | 'bearer';
  /** Whether a browser keeps the login cookie. It does not over plain http when cookies require https. */
  canKeepLogin: boolean;
  /** The token of a known device, see `known-device`. */
  device: string | null;
  keepDevice(token: string): void;
  /** The login of the request, if it has one. */
  login: { id: string; email: string } | null;
  /** Keeps a login in the browser, or with null forgets it. */
  setLoginCookie(login: Login | null): void;
};

/** A login session as its client holds it: the token with its signature. */
export type Login = { token: string; expiresAt: Date };

/** What a transport knows of a request. */
export type Context = {
  services: Services;
  person: Person | null;
  /** Null on the WebSocket: nobody signs in there. */
  caller: Caller | null;
};

/** What a domain function gets that everybody may call, also those who are not signed in. */
export type OpenContext = Services & { caller: Caller };

/** What a domain function gets that is about the person and no tenant. */
export type PersonContext = OpenContext & { person: Person & { login: NonNullable<Person['login']> } };

/** What a domain function gets: there is no such thing as a call without a user. */
export type UserContext = Services & { user: User };

/** What a domain function gets that only people can call, and no API key. */
export type MemberContext = UserContext & PersonContext;
