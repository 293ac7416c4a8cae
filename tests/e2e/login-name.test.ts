import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toSignInUrl } from '@it0/server/addresses';
import { deriveLoginName } from '@it0/server/login-name';
import { testApp } from '@it0/tests/support/app';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

const password = 'correct horse battery';

/** Starts a server on another port, as an agent could, that records the cookies it receives. */
async function startOtherServer() {
  const cookies: string[] = [];
  const server = createServer(({ headers }, response) => {
    cookies.push(headers.cookie ?? '');
    response.end('ok');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    async cookiesAt(page: Page, host: string) {
      cookies.length = 0;
      await page.goto(`http://${host}:${port}/`);
      return cookies.join('');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

test.runIf(hasBrowser)(
  'the login cookie at the login name is sent to no other port of this machine, unlike at localhost',
  async () => {
    await using app = await testApp();
    const { email } = await app.newUser({ password });
    await using browser = await launchBrowser();
    await using other = await startOtherServer();
    const { port } = new URL(app.url);
    const signIn = async (name: string) => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(
        `${new URL(toSignInUrl({ host: '127.0.0.1', port: Number(port), loginName: name }, 't')).origin}/healthz`,
      );
      const request = async ([path, body]: [string, object | null]) => {
        const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
        return (await fetch(path, body ? json : {})).status;
      };
      expect(await page.evaluate(request, ['/trpc/auth.signIn', { email, password }] as [string, object])).toBe(200);
      expect(await page.evaluate(request, ['/trpc/auth.me', null] as [string, null])).toBe(200);
      return page;
    };
    const name = deriveLoginName(app.secret);
    const page = await signIn(name);
    for (const host of ['localhost', '127.0.0.1', 'it0.localhost', `a.${name}`, deriveLoginName('another secret')]) {
      expect([host, await other.cookiesAt(page, host)]).toEqual([host, '']);
    }
    // At localhost the cookie leaks, since browsers ignore the port.
    expect(await other.cookiesAt(await signIn('localhost'), 'localhost')).toContain('session_token');
  },
);
