import { Id } from '@it0/contracts/ids';
import { escapeLiteral } from 'pg';

/** Returns the name of the Postgres schema with the data of a tenant. Throws when the id is not a UUID. */
export const toTenantSchema = (tenantId: string) => `tenant_${Id.parse(tenantId).replaceAll('-', '')}`;

/**
 * Returns the quoted name of a tenant's schema for SQL. It is safe to interpolate: an id contributes only hex digits.
 */
export const quoteTenantSchema = (tenantId: string) => `"${toTenantSchema(tenantId)}"`;

/**
 * Returns values as SQL literals, for `IN (…)`. With literals rather than a parameter, the plan of a prepared statement
 * is reused and can use an index.
 */
export const toLiterals = (values: readonly string[]) => values.map(escapeLiteral).join(', ');
