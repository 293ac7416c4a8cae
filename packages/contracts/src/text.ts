import { z } from 'zod';

/**
 * Text from outside. Postgres stores neither NUL nor half a surrogate pair, and a command's output may hold both: they
 * become U+FFFD here, at the edge, so that no event can be refused for ever.
 */
export const text = (max: number) => z.string().max(max).overwrite(storable);

export const storable = (value: string) =>
  (value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value).toWellFormed();

/** The first or last `max` units of a text, never cutting a character in half. */
export const head = (value: string, max: number) =>
  value.length <= max ? value : value.slice(0, isHigh(value, max - 1) ? max - 1 : max);
export const tail = (value: string, max: number) => {
  if (value.length <= max) return value;
  const start = value.length - max;
  return value.slice(isHigh(value, start - 1) ? start + 1 : start);
};

const isHigh = (value: string, index: number) => (value.charCodeAt(index) & 0xfc00) === 0xd800;
