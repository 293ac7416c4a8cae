import { hash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';

/**
 * Creates the adapter of a Prisma client for one schema. Statements are named by their hash, since Postgres caches the
 * plans of named statements only.
 */
export const createAdapter = (pool: pg.Pool, schema: string) =>
  new PrismaPg(pool, { schema, statementNameGenerator: ({ sql }) => hash('sha1', sql, 'base64') });
