import { z } from 'zod';

/** Largest value of an `integer` column. */
export const MAX_INT = 2 ** 31 - 1;

/** Creates a schema for a count of at least `min` that fits into an `integer` column. */
export const count = (min = 0) => z.int().min(min).max(MAX_INT);
