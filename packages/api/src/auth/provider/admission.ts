import type { RequestReason } from '@it0/contracts/reasons';
import type { PlatformClient } from '@it0/db/database';
import { toQueryable } from '@it0/db/queryable';
import type { BetterAuthOptions } from 'better-auth';
import { findInvitationsFor } from '../invitation/valid-invitation.ts';

export const PROVIDER_ID = 'oidc';

type Gate = NonNullable<NonNullable<BetterAuthOptions['user']>['validateUserInfo']>;
type Hooks = NonNullable<BetterAuthOptions['databaseHooks']>;

/** Decides whether a person may sign in by the identity provider. */
export const gateSignIn =
  (platform: PlatformClient): Gate =>
  async ({ user: { id, email, emailVerified }, source: { method, action } }) => {
    if (method !== 'oauth') return;
    const reason = action === 'create-user' ? await checkNewUser() : await checkExistingUser();
    return reason ? { error: reason } : undefined;

    async function checkNewUser(): Promise<RequestReason | null> {
      if (!emailVerified) return 'EMAIL_UNVERIFIED';
      const invitations = await findInvitationsFor(toQueryable(platform), email?.toLowerCase() ?? '');
      return invitations.length > 0 ? null : 'NOT_INVITED';
    }

    /** Refuses an account with a second factor, since the provider is only one factor. */
    async function checkExistingUser(): Promise<RequestReason | null> {
      const user = await platform.user.findUnique({ where: { id: `${id}` }, select: { twoFactorEnabled: true } });
      return user?.twoFactorEnabled ? 'SECOND_FACTOR_REQUIRED' : null;
    }
  };

/** Hooks that run when an identity of the provider is linked to an account. */
export const onAccountLink = (platform: PlatformClient): Hooks => ({
  account: {
    create: {
      async before(account) {
        if (account.providerId !== PROVIDER_ID) return;
        await revokeUnverified(platform, account.userId);
        // The provider's tokens are not needed later, so they are not stored.
        return { data: { ...account, accessToken: null, refreshToken: null, idToken: null } };
      },
    },
  },
});

/**
 * Removes all credentials of an account with an unverified address. Another person may have created it in advance, and
 * must not keep access once the owner of the address signs in.
 */
async function revokeUnverified(platform: PlatformClient, userId: string) {
  const user = await platform.user.findUnique({ where: { id: userId, emailVerified: false }, select: { id: true } });
  if (!user) return;
  await platform.$transaction([
    platform.account.deleteMany({ where: { userId } }),
    platform.loginSession.deleteMany({ where: { userId } }),
    platform.signInLink.deleteMany({ where: { userId } }),
    platform.resetLink.deleteMany({ where: { userId } }),
    platform.apiKey.deleteMany({ where: { referenceId: userId } }),
    platform.verification.deleteMany({ where: { value: userId } }),
  ]);
}
