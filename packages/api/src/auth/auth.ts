import { apiKey } from '@better-auth/api-key';
import { limits } from '@it0/contracts/limits';
import { type Permission, ROLE_PERMISSIONS, type Role } from '@it0/contracts/permissions';
import type { PlatformClient } from '@it0/db/database';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { betterAuth } from 'better-auth/minimal';
import { admin, bearer, genericOAuth, organization, twoFactor } from 'better-auth/plugins';
import { createAccessControl } from 'better-auth/plugins/access';
import { defaultStatements } from 'better-auth/plugins/organization/access';
import { settleAddress } from './account/addresses.ts';
import type { KeySet, Keys } from './keys.ts';
import { gateSignIn, onAccountLink, PROVIDER_ID } from './provider/admission.ts';
import { toPerson } from './provider/profile.ts';

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
  /** Where people reach the server from outside; without it, the address each request came to. */
  publicUrl?: string;
  oidc?: Oidc;
};

/** Where better-auth sends a browser when something went wrong. */
export const ERROR_PATH = '/sign-in-failed';

const DAY = 24 * 60 * 60;
export const SESSION_DAYS = 30;
/** API keys begin with it, so that one found somewhere is known for what it is. */
export const API_KEY_PREFIX = 'it0_';

const control = createAccessControl(defaultStatements);

/** What the organization plugin itself checks, from our own table of permissions. */
function ruleOf(role: Role) {
  const may = (permission: Permission) => ROLE_PERMISSIONS[role].includes(permission);
  return control.newRole({
    organization: may('tenant:manage') ? ['update', 'delete'] : [],
    member: may('member:manage') ? ['create', 'update', 'delete'] : [],
    invitation: may('member:manage') ? ['create', 'cancel'] : [],
  });
}
const roles = {
  owner: ruleOf('owner'),
  admin: ruleOf('admin'),
  operator: ruleOf('operator'),
  viewer: ruleOf('viewer'),
} satisfies Record<Role, unknown>;

/** A `kid` of eight hex digits as the number under which better-auth keeps a secret. */
const versionOf = ({ kid }: KeySet) => Number.parseInt(kid, 16);
/** How everything begins that better-auth has sealed with those keys. */
export const getSealPrefix = (keys: KeySet) => `$ba$${versionOf(keys)}$`;

/**
 * Who people are: better-auth writes all of it. What stands before every request reads its rows directly, see
 * `user-lookup`.
 */
export function createAuth({ platform, keys, publicUrl, oidc }: AuthOptions) {
  return betterAuth({
    appName: 'IT0',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secrets: keys.accepted.map((those) => ({ version: versionOf(those), value: those.auth })),
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
      // An address that the provider has verified is enough, and no other is; what `linking` does makes up for ours.
      accountLinking: { enabled: true, trustedProviders: [], requireLocalEmailVerified: false },
    },
    onAPIError: { throw: true, errorURL: ERROR_PATH },
    // What is in the database opens nothing: the tokens of links are kept as hashes.
    verification: { storeIdentifier: 'hashed' },
    session: { modelName: 'loginSession', expiresIn: SESSION_DAYS * DAY, updateAge: DAY },
    rateLimit: { enabled: false },
    advanced: {
      useSecureCookies: publicUrl?.startsWith('https:') ?? false,
      ipAddress: { ipAddressHeaders: ['x-client-ip'] },
      database: { generateId: 'uuid' },
      // Browsers share cookies among all ports of a host, so servers side by side need names of their own.
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
        maximumNameLength: 80,
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

export const cookiePrefix = ({ kid }: KeySet) => `it0_${kid}`;
/**
 * Returns the name of the login cookie. With `__Host-`, a browser accepts it only from this host, and not from others
 * below the same domain.
 */
export const loginCookie = (keys: KeySet, isSecure: boolean) =>
  `${isSecure ? '__Host-' : ''}${cookiePrefix(keys)}.session_token`;
/** Former name of the cookie with https. Browsers keep such cookies for 30 days. */
export const formerLoginCookie = (keys: KeySet) => `__Secure-${cookiePrefix(keys)}.session_token`;
