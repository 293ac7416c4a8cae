import { fileURLToPath } from 'node:url';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { type FakeBridge, fakeBridge } from '@it0/tests/support/fake-bridge';
import { openSignInLink } from '@it0/tests/support/sign-in-link';
import { totp } from '@it0/tests/support/totp';
import { until } from '@it0/tests/support/until';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// From the first sign-in to a second person in a second browser, who can read but not write, and then the account pages.
// A fake bridge reports when the test says so. Each test continues where the previous one ended.
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const ada = { email: 'ada@example.com', password: 'correct horse battery' };
const vera = { email: 'vera@example.com', password: 'staple of a viewer' };

let bridge: FakeBridge;
let app: TestApp;
let browser: Browser;
/** The pages of the owner and the viewer. */
let owner: Page;
let viewer: Page;
const faults: string[] = [];

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);
const inBrowser = test.runIf(hasBrowser);

beforeAll(async () => {
  if (!hasBrowser) return;
  bridge = fakeBridge();
  app = await testApp({ webDir });
  // The agent of the first start, without the driver that would start its bridge.
  const bridgeSecret = app.services.keys.seal('bridge-secret');
  await app.tenant.agentInstance.updateMany({
    data: { status: 'RUNNING', transport: 'direct', bridgeUrl: bridge.url, bridgeSecret },
  });
  browser = await launchBrowser();
  owner = await newPage();
  await openSignInLink(owner, await app.createSignInLink());
  await agentCard(owner).getByText('Running', { exact: true }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
  bridge?.[Symbol.dispose]();
});

afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
});

/** Opens a page in a new browser context. Refused requests are expected, errors of the page are not. */
async function newPage() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  return page;
}

const agentCard = (page: Page) => page.getByTestId('agent-card');
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const button = (scope: Page | Locator, name: string) => scope.getByRole('button', { name, exact: true });
const field = (scope: Page | Locator, name: string) => scope.getByLabel(name, { exact: true });
const waitForText = (page: Page, text: string) => page.getByText(text).waitFor();

async function open(page: Page, item: 'Account' | 'Organization') {
  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function signIn(page: Page, { email, password }: { email: string; password: string }) {
  await field(page, 'Email').fill(email);
  await field(page, 'Password').fill(password);
  await button(page, 'Sign in').click();
}

async function signOut(page: Page) {
  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

inBrowser('the first owner can set an address and a password', async () => {
  await open(owner, 'Account');
  const email = section(owner, 'Email');
  await field(email, 'Email').fill('not an address');
  await button(email, 'Add email address').click();
  await email.getByText('Enter a valid email address').waitFor();
  expect(await field(email, 'Email').evaluate((input) => input === document.activeElement)).toBe(true);
  await field(email, 'Email').fill(ada.email);
  await button(email, 'Add email address').click();
  const password = section(owner, 'Password');
  await field(password, 'New password').fill('short');
  await button(password, 'Set password').click();
  await password.getByText('Use 10 to 128 characters').waitFor();
  await field(password, 'New password').fill(ada.password);
  await button(password, 'Set password').click();
  await button(password, 'Change password').waitFor();
});

/** Opens the dialog with the shares of the agent. */
async function openShares() {
  await owner.goto(app.url);
  await owner.getByRole('button', { name: /^Share / }).click();
  return owner.getByRole('dialog');
}

inBrowser('an owner shares an agent with all viewers and invites one, who joins by the link', async () => {
  const dialog = await openShares();
  await field(dialog, 'Share with').selectOption('viewer');
  await button(dialog, 'Share').click();
  await dialog.getByRole('listitem').getByText('All viewers').waitFor();
  await button(dialog, 'Close').click();

  await open(owner, 'Organization');
  const invitations = section(owner, 'Invitations');
  await field(invitations, 'Email').fill(vera.email);
  await field(invitations, 'Role').selectOption('viewer');
  await button(invitations, 'Invite').click();
  const link = await invitations.getByTestId('copied-text').innerText();

  viewer = await newPage();
  await viewer.goto(link);
  await viewer.getByText('as Viewer').waitFor();
  await field(viewer, 'Your name').fill('Vera');
  await field(viewer, 'Password').fill(vera.password);
  await button(viewer, 'Create account and join').click();
  await agentCard(viewer).getByText('owned by Owner').waitFor();

  const latecomer = await newPage();
  await latecomer.goto(link);
  await latecomer.getByText('This invitation cannot be used').waitFor();
  await latecomer.context().close();
});

/** Sends a message of the owner. Returns the task that the bridge gets. */
async function ask(message: string) {
  await owner.getByTestId('composer').fill(message);
  await owner.getByTestId('composer').press('Enter');
  return bridge.task(message);
}

inBrowser('a viewer follows a session live and cannot write, not even with requests', async () => {
  await agentCard(viewer).click();
  await waitForText(viewer, 'Nothing to watch yet');
  await owner.goto(app.url);
  await agentCard(owner).click();
  const task = await ask('Which disk is full?');
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  const reply = viewer.getByTestId('reply').last();
  for (const [index, delta] of ['The ', 'second ', 'one'].entries()) {
    const text = ['The ', 'second ', 'one'].slice(0, index);
    await bridge.report(task, { type: 'text', offset: text.join('').length, delta });
    await reply.getByText([...text, delta].join('').trim()).waitFor();
  }
  expect(await viewer.getByTestId('read-only').innerText()).toContain('Owner');
  expect(await viewer.getByTestId('composer').count()).toBe(0);
  expect(await viewer.getByTestId('stop').count()).toBe(0);
  expect(await viewer.getByRole('button', { name: 'New session' }).count()).toBe(0);

  const response = await viewer.evaluate(async () => {
    const [, , instanceId] = location.pathname.split('/');
    const response = await fetch('/trpc/instance.createTask', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instanceId, message: 'Let me in', requestId: crypto.randomUUID() }),
    });
    return { status: response.status, body: await response.json() };
  });
  expect(response).toMatchObject({ status: 403, body: { error: { data: { reason: 'FORBIDDEN' } } } });
  await owner.getByTestId('stop').click();
  await until(() => bridge.cancelled.includes(task.taskId));
  await bridge.report(task, { type: 'error', status: 'CANCELLED', reason: 'CANCELLED_BY_USER', text: 'The second' });
});

inBrowser('an approval card of a viewer has no buttons', async () => {
  await expect.poll(() => owner.getByTestId('reply').last().getAttribute('data-status')).toBe('CANCELLED');
  const task = await ask('Check the disk');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, approvalReport());
  const card = viewer.getByTestId('approval-card').last();
  await card.getByText('Waiting for someone who can decide').waitFor();
  expect(await card.getByRole('button', { name: /Allow|Deny/ }).count()).toBe(0);
  await button(owner.getByTestId('approval-card').last(), 'Deny').click();
  await card.getByText('Denied by Owner').waitFor();
  await bridge.report(task, { type: 'completed', text: 'Nothing was changed.' });
});

inBrowser('a chat shows a notice when its agent is no longer shared', async () => {
  const dialog = await openShares();
  await button(dialog, 'Stop sharing with All viewers').click();
  await viewer.getByText('This agent is not available').waitFor();
  await field(dialog, 'Share with').selectOption('viewer');
  await button(dialog, 'Share').click();
  await dialog.getByRole('listitem').getByText('All viewers').waitFor();
  await viewer.reload();
  await viewer.getByTestId('reply').first().waitFor();
});

inBrowser('a removed viewer loses the chat', async () => {
  await owner.goto(app.url);
  await open(owner, 'Organization');
  await button(section(owner, 'Members'), 'Remove Vera').click();
  await button(owner.getByRole('alertdialog'), 'Remove').click();
  await viewer.getByText('You are not in an organization yet').waitFor();
  expect(await viewer.getByTestId('reply').count()).toBe(0);
  await viewer.context().close();
});

inBrowser('a wrong password is reported at its field, and a sign-in leads to the requested page', async () => {
  await owner.goto(app.url);
  await agentCard(owner).click();
  await owner.waitForURL(/session=/);
  const requestedUrl = owner.url();
  await owner.getByTestId('user-menu').click();
  await owner.getByRole('menuitem', { name: 'Sign out' }).click();
  await owner.waitForURL(/sign-in$/);

  await owner.goto(requestedUrl);
  await signIn(owner, { ...ada, password: 'not the password' });
  const password = field(owner, 'Password');
  await expect.poll(() => password.getAttribute('aria-invalid')).toBe('true');
  const message = owner.locator(`[id="${await password.getAttribute('aria-describedby')}"]`);
  expect(await message.innerText()).toMatch(/the email address or the password is wrong/i);
  expect(await password.evaluate((input) => input === document.activeElement)).toBe(true);
  await signIn(owner, ada);
  await owner.getByTestId('reply').last().waitFor();
  expect(owner.url()).toBe(requestedUrl);
});

inBrowser('a second factor can be set up and is required, as a code of the app or a backup code', async () => {
  await open(owner, 'Account');
  const factor = section(owner, 'Two-factor authentication');
  await field(factor, 'Current password').fill(ada.password);
  await button(factor, 'Set up').click();
  await factor.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  const secret = await factor.getByTestId('copied-text').innerText();
  const [backupCode = ''] = await factor.getByTestId('backup-codes').getByRole('listitem').allInnerTexts();
  await field(factor, 'Code').fill('000000');
  await button(factor, 'Turn on').click();
  await factor.getByText('the code is wrong').waitFor();
  await field(factor, 'Code').fill(totp(secret));
  await button(factor, 'Turn on').click();
  await button(factor, 'Turn off').waitFor();

  await signOut(owner);
  await signIn(owner, ada);
  // A code is accepted once per step, so this one is of the next step.
  await field(owner, 'Code').fill(totp(secret, Date.now() + 30_000));
  await button(owner, 'Verify').click();
  await agentCard(owner).waitFor();

  await signOut(owner);
  await signIn(owner, ada);
  await button(owner, 'Use a backup code instead').click();
  await field(owner, 'Code').fill(backupCode);
  await button(owner, 'Verify').click();
  await agentCard(owner).waitFor();

  await open(owner, 'Account');
  await field(factor, 'Current password').fill(ada.password);
  await button(factor, 'Turn off').click();
  await button(factor, 'Set up').waitFor();
});

inBrowser('a revoked device shows the sign-in page', async () => {
  const other = await newPage();
  await other.goto(app.url);
  await signIn(other, ada);
  await agentCard(other).click();
  await other.getByTestId('reply').last().waitFor();

  await owner.reload();
  const devices = section(owner, 'Devices');
  await devices.getByText('this device').waitFor();
  await button(devices, 'Sign out').first().click();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expect.poll(() => devices.getByTestId('device').count()).toBe(1);
  await other.context().close();
});
