import { z } from 'zod';

/** The largest number that an `integer` column of the database takes. */
export const MAX_INT = 2 ** 31 - 1;

/** A number of things, from `min` on, that a database takes. */
export const count = (min = 0) => z.int().min(min).max(MAX_INT);
