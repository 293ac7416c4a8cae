import type { Reason } from '@it0/contracts/reasons';
import type { PlatformClient } from '@it0/db/database';
import type { BetterAuthOptions } from 'better-auth';
import { findInvitationsFor } from '../invitation/valid-invitation.ts';
import { toQueryable } from '../queryable.ts';

export const PROVIDER_ID = 'oidc';

type Gate = NonNullable<NonNullable<BetterAuthOptions['user']>['validateUserInfo']>;
type Hooks = NonNullable<BetterAuthOptions['databaseHooks']>;

/** Whom the identity provider's word lets in. */
export const gateSignIn =
  (platform: PlatformClient): Gate =>
  async ({ user: { id, email, emailVerified }, source: { method, action } }) => {
    if (method !== 'oauth') return;
    const objection = action === 'create-user' ? await checkNewUser() : await toMember();
    return objection ? { error: objection } : undefined;

    async function checkNewUser(): Promise<Reason | null> {
      if (!emailVerified) return 'EMAIL_UNVERIFIED';
      const invitations = await findInvitationsFor(toQueryable(platform), email?.toLowerCase() ?? '');
      return invitations.length > 0 ? null : 'NOT_INVITED';
    }

    /** Whoever has a second factor has a password too, and asked for more than one proof: the provider's word is one. */
    async function toMember(): Promise<Reason | null> {
      const member = await platform.user.findUnique({ where: { id: `${id}` }, select: { twoFactorEnabled: true } });
      return member?.twoFactorEnabled ? 'SECOND_FACTOR_REQUIRED' : null;
    }
  };

/** What happens when an identity from elsewhere is written down. */
export const onAccountLink = (platform: PlatformClient): Hooks => ({
  account: {
    create: {
      async before(account) {
        if (account.providerId !== PROVIDER_ID) return;
        await revokeUnverified(platform, account.userId);
        // Nobody asks the provider for anything later, so its tokens are not kept.
        return { data: { ...account, accessToken: null, refreshToken: null, idToken: null } };
      },
    },
  },
});

/**
 * An account whose address nobody has proven may be somebody else's who gave it in advance: the one who proves it now
 * inherits no password, device or key.
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
