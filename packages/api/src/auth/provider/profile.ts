import { cleanDisplayName } from '@it0/contracts/display-name';
import { isVisible } from '@it0/contracts/invisible';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import { z } from 'zod';

/** Removes characters that a display name cannot have, instead of refusing the sign-in. */
const Name = z
  .string()
  .transform((name) => head(cleanDisplayName(name), limits.displayName).trim())
  .refine(isVisible)
  .optional()
  .catch(undefined);

/** Claims of a provider. Only a boolean `email_verified` counts: some providers send `"true"` for any address. */
const Profile = z.object({
  name: Name,
  preferred_username: Name,
  email: z.string().optional().catch(undefined),
  email_verified: z.unknown().optional(),
});

/** Returns the person of a profile. `trustEmail` treats an address as verified when the provider does not say. */
export function toPerson(profile: unknown, trustEmail: boolean) {
  const { name, preferred_username, email, email_verified } = Profile.parse(profile);
  return {
    email,
    name: name ?? preferred_username ?? Name.parse(email?.split('@')[0]) ?? '',
    emailVerified: email_verified === true || (trustEmail && email_verified === undefined),
  };
}
