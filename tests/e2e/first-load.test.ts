import { fileURLToPath } from 'node:url';
import { toDecisionInput } from '@it0/client/chat-source';
import { approvalReport } from '@it0/tests/support/approval';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const inBrowser = test.runIf(hasBrowser);
const password = 'correct horse battery';
let browser: Browser;

beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** Creates a session with two answers. */
async function createWorld() {
  const world = await createFixture({ webDir });
  const first = await world.send('What is on disk one?');
  await world.bridge.report(first.task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text: 'Backups.' });
  const second = await world.send('What is on disk two?', first.sessionId);
  await world.bridge.report(second.task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text: 'Logs.' });
  const path = `/agents/${world.instance.id}?session=${first.sessionId}&message=${first.taskId}`;
  return {
    ...world,
    path,
    /** Creates a person who can read the session, and sign in. */
    async newReader() {
      const reader = await world.app.newUser({ name: 'Grace', password });
      await world.client.instance.share.mutate({ instanceId: world.instance.id, with: { userId: reader.id } });
      return reader;
    },
  };
}

/** Fills the form of the sign-in page. */
async function signIn(page: Page, email: string) {
  await page.getByLabel('Email').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.keyboard.press('Enter');
}

/** Records the requests that a page sends, by their path. */
function recordRequests(page: Page) {
  const paths: string[] = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}

inBrowser('a link to a message shows the sign-in page at its address, and then the message', async () => {
  await using world = await createWorld();
  const { app, path } = world;
  const { email } = await world.newReader();
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  const paths = recordRequests(page);
  await page.goto(app.url + path);
  await page.getByLabel('Email').waitFor();
  expect(page.url()).toBe(app.url + path);
  // Otherwise it waits for what only the app needs.
  expect(paths.filter((name) => /\/assets\/(app|chat|main)/.test(name))).toEqual([]);
  await signIn(page, email);
  await page.getByText('Backups.').waitFor();
  await page.locator('[data-marked]').getByText('What is on disk one?').waitFor();
  await page.context().close();
});

inBrowser('a link to a message loads its conversation with the first requests, in one round trip', async () => {
  await using world = await createWorld();
  const { app, path, user } = world;
  const page = await openPage(browser, { url: `${app.url}/icon.svg`, cookie: user.cookie }, []);
  const paths = recordRequests(page);
  await page.goto(app.url + path);
  await page.locator('[data-marked]').getByText('What is on disk one?').waitFor();
  const queries = paths.filter((name) => name.startsWith('/trpc/'));
  expect(queries[0]).toBe('/trpc/auth.me,instance.list,assistant.status,session.messages,session.messages');
  await page.context().close();
});

inBrowser(
  'a link to an approval leads through the sign-in page to its card, and says when it is decided or unknown',
  async () => {
    await using world = await createWorld();
    const { app, bridge, client, send } = world;
    const { email } = await world.newReader();
    const { task } = await send('Restart nginx');
    const approval = approvalReport({ command: 'systemctl restart nginx', expiresInMs: 3_600_000 });
    await bridge.report(task, { type: 'task', status: 'RUNNING' }, approval);
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    const link = `${app.url}/approvals/${approval.approvalId}`;
    await page.goto(link);
    await signIn(page, email);
    const card = page.getByTestId('approval-card');
    await card.waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'approval-card');
    await client.approval.resolve.mutate(toDecisionInput(approval, 'deny'));
    await card.getByText('Denied').waitFor();
    await page.goto(link);
    await page.getByText('This approval has ended: Denied').waitFor();
    await page.locator('[data-marked]').getByText('Restart nginx', { exact: true }).waitFor();
    await page.goto(`${app.url}/approvals/01999999-9999-7999-8999-999999999999`);
    await page.getByRole('heading', { level: 1, name: 'Approval not found' }).waitFor();
    await page.context().close();
  },
);
