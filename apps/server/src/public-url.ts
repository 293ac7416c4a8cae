import { z } from 'zod';

/**
 * Where people reach the server from outside: an origin, which is what it becomes. The page asks for everything from the
 * root, and the cookies hold for a whole host, so a path below one cannot be.
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
