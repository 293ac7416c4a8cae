import { hash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';

/** Binds a Prisma client to one schema. A statement is named after its text: Postgres plans only named ones once. */
export const createAdapter = (pool: pg.Pool, schema: string) =>
  new PrismaPg(pool, { schema, statementNameGenerator: ({ sql }) => hash('sha1', sql, 'base64') });
