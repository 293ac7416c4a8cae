import type { Page } from 'playwright-core';

/** Signs in with a sign-in link like a person: opens it and presses the button. */
export async function openSignInLink(page: Page, link: string) {
  await page.goto(link);
  await page.getByRole('button', { name: /^Sign in as / }).click();
}

/** Sends the request of the page's button. */
export function redeemSignInLink(link: string, headers: Record<string, string> = {}): Promise<Response> {
  const { origin, pathname } = new URL(link);
  return fetch(`${origin}/trpc/auth.redeemSignInLink`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token: pathname.split('/').at(-1) }),
  });
}
