import { displayName } from '@it0/contracts/display-name';
import { limits } from '@it0/contracts/limits';
import { z } from 'zod';

/** An e-mail address as it is stored and compared. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(limits.name)
  .pipe(z.email())
  .refine((email) => !isPlaceholderEmail(email), 'Nobody can be reached there.');

export const PersonName = displayName();

/** The first owner gives an address after the first start, if ever; this stands in its place, in a domain that is nobody's. */
export const placeholderEmail = (userId: string) => `${userId}@it0.invalid`;
export const isPlaceholderEmail = (email: string) => email.endsWith('@it0.invalid');
/** Null for an address that is none. */
export const hidePlaceholderEmail = (email: string) => (isPlaceholderEmail(email) ? null : email);

/** The address with which a person signs in. */
export const getSignInEmail = ({ email, claimedEmail }: { email: string; claimedEmail: string | null }) =>
  claimedEmail ?? hidePlaceholderEmail(email);
