import { z } from 'zod';

const longest = 80;

/** Removes invisible characters from a name instead of refusing the sign-in. */
const Name = z
  .string()
  .transform((name) =>
    name
      .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .trim()
      .slice(0, longest),
  )
  .pipe(z.string().min(1))
  .optional()
  .catch(undefined);

/** What a provider says of a person, as far as it is of use; some say `"true"`, which is no word to rely on. */
const Profile = z.object({
  name: Name,
  preferred_username: Name,
  email: z.string().optional().catch(undefined),
  email_verified: z.unknown().optional(),
});

/** Returns the person of a profile. `trustEmail` treats an address as verified when the provider does not say. */
export function personOf(profile: unknown, trustEmail: boolean) {
  const { name, preferred_username, email, email_verified } = Profile.parse(profile);
  return {
    email,
    name: name ?? preferred_username ?? Name.parse(email?.split('@')[0]) ?? '',
    emailVerified: email_verified === true || (trustEmail && email_verified === undefined),
  };
}
