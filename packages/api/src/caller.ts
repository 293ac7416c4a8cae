import type { Permission, Role } from '@it0/contracts/permissions';

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
