import { z } from 'zod';

/** Every id is a uuid; ours are version 7, so they sort by creation time. */
export const Id = z.uuid();

/** The Postgres schema that holds everything of one tenant. */
export const toTenantSchema = (tenantId: string) => `tenant_${Id.parse(tenantId).replaceAll('-', '')}`;

/** The name under which an agent knows a session. */
export const sessionKey = (sessionId: string) => `it0:${sessionId}`;
