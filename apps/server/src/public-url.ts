import { z } from 'zod';

/**
 * The address at which people reach the server, parsed to an origin. A path is refused, since the page requests
 * everything from the root and cookies apply to a whole host.
 */
export const PublicUrl = z.string().transform((value, ctx) => {
  const url = URL.parse(value);
  const problem = url ? findProblem(url, value) : 'not an address';
  if (url && !problem) return url.origin;
  ctx.addIssue(`${problem}; give it as https://it0.example.com`);
  return z.NEVER;
});

function findProblem({ protocol, username, password, pathname }: URL, value: string): string | null {
  if (!/^https?:$/.test(protocol)) return 'not an address of http or https';
  if (username || password) return 'it cannot hold a name and a password';
  if (/[?#]/.test(value)) return 'nothing can follow the host, neither ? nor #';
  if (pathname !== '/') return 'it cannot have a path, since the page asks for everything from the root';
  return null;
}
