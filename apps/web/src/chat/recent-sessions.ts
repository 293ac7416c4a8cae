/** The sessions among which a chat finds where to begin: so many are looked at. */
export const recentSessions = (instanceId: string) => ({ instanceId, limit: 20 });
