import { z } from 'zod';

/** UUID of an entity. The platform creates version 7 (RFC 9562), which sorts by creation time. */
export const Id = z.uuid();

/** Returns the name of a conversation in an engine: each branch of a session is one, since it must not see the others. */
export const toSessionKey = (sessionId: string, branch: number) =>
  branch === 0 ? `it0:${sessionId}` : `it0:${sessionId}:${branch}`;
