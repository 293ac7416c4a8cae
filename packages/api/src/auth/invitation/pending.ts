/** Invitations that can be accepted now. */
export const pendingInvitation = () => ({ status: 'pending', expiresAt: { gt: new Date() } });
