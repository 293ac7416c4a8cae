import { z } from 'zod';

/**
 * The address at which people reach the server, parsed to an origin. A path is refused, since the page requests
 * everything from the root and cookies apply to a whole host.
 */
export const PublicUrl = z.string().transform((value, ctx) => {
  const url = URL.parse(value);
  const problem = url ? findProblem(url, value) : 'not an address';
  if (url && !problem) return url.origin;
  ctx.addIssue(`${problem}; use the form https://it0.example.com`);
  return z.NEVER;
});

function findProblem({ protocol, username, password, pathname }: URL, value: string): string | null {
  if (!/^https?:$/.test(protocol)) return 'not an http or https address';
  if (username || password) return 'it must not contain a user name or password';
  if (/[?#]/.test(value)) return 'it must not contain ? or #';
  if (pathname !== '/') return 'it must not have a path, because the page loads everything from the root';
  return null;
}
