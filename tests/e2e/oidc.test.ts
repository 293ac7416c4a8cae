import { fileURLToPath } from 'node:url';
import { findFreePort } from '@it0/node/free-port';
import { testApp } from '@it0/tests/support/app';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { identityProvider } from '@it0/tests/support/identity-provider';
import { expect, test } from 'vitest';

const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));

test.runIf(hasBrowser)('a person with an external identity must be invited first, and then joins with it', async () => {
  const port = await findFreePort();
  const publicUrl = `http://localhost:${port}`;
  await using idp = await identityProvider({ redirectUri: `${publicUrl}/api/auth/callback/oidc` });
  await using app = await testApp({ ...{ port, publicUrl, webDir }, oidc: idp.oidc });
  const owner = app.client(await app.newUser({ name: 'Ada' }));
  const email = 'grace@example.com';
  idp.signInAs({ sub: 'grace-1', email, email_verified: true, name: 'Grace' });
  await using browser = await launchBrowser();
  const page = await browser.newPage({ locale: 'en-GB' });
  const signIn = page.getByRole('button', { name: 'Sign in with your organization' });

  await page.goto(`${publicUrl}/sign-in`);
  await signIn.click();
  await page.getByRole('alert').getByText('This address has no invitation yet').waitFor();

  const { id } = await owner.invitation.create.mutate({ email, role: 'viewer' });
  await page.goto(`${publicUrl}/invitation/${id}`);
  await signIn.click();
  await page.getByRole('button', { name: 'Join Acme' }).click();
  await page.waitForURL(`${publicUrl}/`);
  const members = await owner.member.list.query();
  expect(members).toContainEqual(expect.objectContaining({ name: 'Grace', email, role: 'viewer' }));
});
