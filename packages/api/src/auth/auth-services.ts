import type { Caller, Person } from '../caller.ts';
import type { Core, UserContext } from '../core.ts';
import type { InstanceHost } from '../instance-host.ts';
import type { Auth } from './auth.ts';
import type { SendMail } from './mail.ts';
import type { RateLimits } from './rate-limits.ts';

/** Dependencies of functions about accounts, tenants and their members. */
export type AuthServices = Core & {
  auth: Auth;
  rateLimits: RateLimits;
  /** Sends mail; undefined when mail is not configured, and links are passed on by people. */
  sendMail: SendMail | undefined;
  /** Machine of the local instances, which several tenants may use only with isolation. */
  local: InstanceHost;
};

/** Context of functions that callers without a login may use. */
export type PublicContext = AuthServices & { caller: Caller };

/** Context of functions about a person's account, outside a tenant. */
export type PersonContext = PublicContext & { person: Person & { login: NonNullable<Person['login']> } };

/** Context of functions in a tenant that API keys cannot use. */
export type MemberContext = UserContext & PersonContext;
