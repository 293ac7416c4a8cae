import type { Page } from 'playwright-core';

/** Does what a person does with a sign-in link: opens it, and presses the button. */
export async function openSignInLink(page: Page, link: string) {
  await page.goto(link);
  await page.getByRole('button', { name: /^Sign in as / }).click();
}

/** The request that the button sends. */
export function redeemSignInLink(link: string, headers: Record<string, string> = {}): Promise<Response> {
  const { origin, pathname } = new URL(link);
  return fetch(`${origin}/trpc/auth.redeemSignInLink`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token: pathname.split('/').at(-1) }),
  });
}
