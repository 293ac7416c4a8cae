import type { Bus } from '@it0/bus/bus';
import type { Database } from '@it0/db/database';
import type { Logger } from 'pino';
import type { ReportLog } from './agent/task/append-reports.ts';
import type { Dispatcher } from './agent/task/dispatcher.ts';
import type { LiveReplies } from './agent/task/live-replies.ts';
import type { Keys } from './auth/keys.ts';
import type { UserLookup } from './auth/user-lookup.ts';
import type { Measure } from './measure.ts';

/** Who asks, and in which tenant. */
export type User = { id: string; name: string; tenantId: string; tenantName: string };

/** What one server process shares among all requests. */
export type Services = {
  db: Database;
  bus: Bus;
  keys: Keys;
  log: Logger;
  live: LiveReplies;
  dispatcher: Dispatcher;
  appendReports: ReportLog;
  measure: Measure;
  findUser: UserLookup;
};

/** What a transport knows of a request. */
export type Context = { services: Services; user: User | null };

/** What a domain function gets: there is no such thing as a call without a user. */
export type UserContext = Services & { user: User };
