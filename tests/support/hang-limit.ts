/**
 * How long a test waits for something before it counts as hanging. Long, since on a busy machine everything takes long,
 * and no test asserts a duration.
 */
export const HANG_LIMIT_MS = 180_000;
