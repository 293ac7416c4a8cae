import { z } from 'zod';

const longest = 80;

/** A name as people read it: what cannot be seen keeps nobody out. */
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

/** `trustEmail` takes every address of a provider that does not say which ones it has verified. */
export function personOf(profile: unknown, trustEmail: boolean) {
  const { name, preferred_username, email, email_verified } = Profile.parse(profile);
  return {
    email,
    name: name ?? preferred_username ?? Name.parse(email?.split('@')[0]) ?? '',
    emailVerified: email_verified === true || (trustEmail && email_verified === undefined),
  };
}
