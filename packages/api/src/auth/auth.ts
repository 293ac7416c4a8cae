import { apiKey } from '@better-auth/api-key';
import { limits } from '@it0/contracts/limits';
import { type Permission, ROLE_PERMISSIONS, type Role } from '@it0/contracts/permissions';
import type { PlatformClient } from '@it0/db/database';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { betterAuth } from 'better-auth/minimal';
import { admin, bearer, genericOAuth, organization, twoFactor } from 'better-auth/plugins';
import { createAccessControl } from 'better-auth/plugins/access';
import { defaultStatements } from 'better-auth/plugins/organization/access';
import type { KeySet, Keys } from '../keys.ts';
import { settleAddress } from './account/addresses.ts';
import { gateSignIn, onAccountLink, PROVIDER_ID } from './provider/admission.ts';
import { toPerson } from './provider/profile.ts';

/** Configuration of an OpenID Connect provider. */
export type Oidc = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Treats addresses as verified when the provider does not say. */
  trustEmail?: boolean;
};

export type AuthOptions = {
  platform: PlatformClient;
  keys: Keys;
  /** Public address of the server. Defaults to the address of each request. */
  publicUrl?: string;
  oidc?: Oidc;
};

/** Path to which better-auth redirects a browser after an error. */
export const ERROR_PATH = '/sign-in-failed';

const DAY_S = 24 * 60 * 60;
/** Lifetime of a login session, renewed while it is used. */
export const SESSION_DAYS = 30;
/** Prefix of API keys, by which scanners recognize a leaked one. */
export const API_KEY_PREFIX = 'it0_';

const control = createAccessControl(defaultStatements);

/** Converts a role to one of the organization plugin, by our own table of permissions. */
function toPluginRole(role: Role) {
  const isAllowed = (permission: Permission) => ROLE_PERMISSIONS[role].includes(permission);
  return control.newRole({
    organization: isAllowed('tenant:manage') ? ['update', 'delete'] : [],
    member: isAllowed('member:manage') ? ['create', 'update', 'delete'] : [],
    invitation: isAllowed('member:manage') ? ['create', 'cancel'] : [],
  });
}
const roles = {
  owner: toPluginRole('owner'),
  admin: toPluginRole('admin'),
  operator: toPluginRole('operator'),
  viewer: toPluginRole('viewer'),
} satisfies Record<Role, unknown>;

/** Converts a `kid`, eight hex digits, to the version under which better-auth stores a secret. */
const toSecretVersion = ({ kid }: KeySet) => Number.parseInt(kid, 16);
/** Returns the prefix of values that better-auth has encrypted with these keys. */
export const getSealPrefix = (keys: KeySet) => `$ba$${toSecretVersion(keys)}$`;

/**
 * Creates better-auth, which writes all accounts, sessions and keys. The authentication of requests reads these tables
 * directly for speed, see `user-lookup`.
 */
export function createAuth({ platform, keys, publicUrl, oidc }: AuthOptions) {
  return betterAuth({
    appName: 'IT0',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secrets: keys.accepted.map((keySet) => ({ version: toSecretVersion(keySet), value: keySet.auth })),
    database: prismaAdapter(platform, { provider: 'postgresql', transaction: true }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: limits.password.min,
      maxPasswordLength: limits.password.max,
    },
    user: { validateUserInfo: gateSignIn(platform) },
    databaseHooks: onAccountLink(platform),
    account: {
      updateAccountOnSignIn: false,
      // Links by an address that the provider has verified. Ours may be unverified: see `revokeUnverified`.
      accountLinking: { enabled: true, trustedProviders: [], requireLocalEmailVerified: false },
    },
    onAPIError: { throw: true, errorURL: ERROR_PATH },
    // Stores only hashes of tokens, so that a copy of the database grants no access.
    verification: { storeIdentifier: 'hashed' },
    session: { modelName: 'loginSession', expiresIn: SESSION_DAYS * DAY_S, updateAge: DAY_S },
    rateLimit: { enabled: false },
    advanced: {
      useSecureCookies: publicUrl?.startsWith('https:') ?? false,
      ipAddress: { ipAddressHeaders: ['x-client-ip'] },
      database: { generateId: 'uuid' },
      // Browsers share cookies among all ports of a host, so servers on one host need different names.
      cookiePrefix: cookiePrefix(keys.current),
    },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [
      bearer({ requireSignature: true }),
      organization({
        ac: control,
        roles,
        creatorRole: 'owner',
        membershipLimit: 10_000,
      }),
      admin(),
      twoFactor({ issuer: 'IT0' }),
      apiKey({
        schema: { apikey: { modelName: 'apiKey' } },
        defaultPrefix: API_KEY_PREFIX,
        enableMetadata: false,
        rateLimit: { enabled: false },
        maximumNameLength: limits.displayName,
      }),
      genericOAuth({
        config: oidc
          ? [
              {
                providerId: PROVIDER_ID,
                discoveryUrl: `${oidc.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
                clientId: oidc.clientId,
                clientSecret: oidc.clientSecret,
                scopes: ['openid', 'email', 'profile'],
                requireIdTokenVerification: true,
                async mapProfileToUser(profile: unknown) {
                  const { email, ...person } = toPerson(profile, oidc.trustEmail ?? false);
                  if (email && person.emailVerified) await settleAddress(platform, email.toLowerCase());
                  return person;
                },
              },
            ]
          : [],
      }),
    ],
  });
}
export type Auth = ReturnType<typeof createAuth>;

/** Returns the common prefix of the cookies that this secret signs. */
export const cookiePrefix = ({ kid }: KeySet) => `it0_${kid}`;
/**
 * Returns the name of the login cookie. With `__Host-`, a browser accepts it only from this host, and not from others
 * below the same domain.
 */
export const loginCookie = (keys: KeySet, isSecure: boolean) =>
  `${isSecure ? '__Host-' : ''}${cookiePrefix(keys)}.session_token`;
/** Former name of the cookie with https. Browsers keep such cookies for 30 days. */
export const formerLoginCookie = (keys: KeySet) => `__Secure-${cookiePrefix(keys)}.session_token`;
