import { z } from 'zod';

/** UUID of an entity. The platform creates version 7 (RFC 9562), which sorts by creation time. */
export const Id = z.uuid();

/** Returns the name of a session in an engine. */
export const toSessionKey = (sessionId: string) => `it0:${sessionId}`;
