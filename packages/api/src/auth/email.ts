import { displayName } from '@it0/contracts/display-name';
import { limits } from '@it0/contracts/limits';
import { z } from 'zod';

/** An email address, normalized for storage and comparison. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(limits.name)
  .pipe(z.email())
  .refine((email) => !isPlaceholderEmail(email), 'This address cannot receive mail.');

export const PersonName = displayName();

/** Returns a placeholder in a reserved domain, for accounts without an address. */
export const placeholderEmail = (userId: string) => `${userId}@it0.invalid`;
export const isPlaceholderEmail = (email: string) => email.endsWith('@it0.invalid');
/** Returns null for a placeholder. */
export const hidePlaceholderEmail = (email: string) => (isPlaceholderEmail(email) ? null : email);

/** Returns the address with which a person signs in; null without one. */
export const getSignInEmail = ({ email, claimedEmail }: { email: string; claimedEmail: string | null }) =>
  claimedEmail ?? hidePlaceholderEmail(email);
