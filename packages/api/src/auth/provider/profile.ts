import { z } from 'zod';

const longest = 80;
/** What a provider says of a person, as far as it is of use; some say `"true"`, which is no word to rely on. */
const Profile = z.object({
  name: z.string().trim().min(1).optional().catch(undefined),
  preferred_username: z.string().trim().min(1).optional().catch(undefined),
  email: z.string().optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
});

export function personOf(profile: unknown) {
  const { name, preferred_username, email, email_verified } = Profile.parse(profile);
  return {
    name: (name ?? preferred_username ?? email?.split('@')[0] ?? '').slice(0, longest),
    emailVerified: email_verified === true,
  };
}
