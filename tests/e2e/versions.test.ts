import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TaskRequest } from '@it0/contracts/bridge';
import { toAuthHeaders } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { listViolations } from '@it0/tests/support/axe';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import { createForm, upload } from '@it0/tests/support/upload';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// Uses the real page and server, with a fake bridge.
type World = Awaited<ReturnType<typeof createFixture>>;
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const phone: BrowserContextOptions = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
const faults: string[] = [];
let browser: Browser;

const inBrowser = test.runIf(hasBrowser);
beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => expect(faults.splice(0)).toEqual([]));

function openSession({ app, user, instance }: World, sessionId: string, options: BrowserContextOptions = {}) {
  const url = `${app.url}/agents/${instance.id}?session=${sessionId}`;
  return openPage(browser, { url, cookie: user.cookie }, faults, options);
}

/** Creates a session with three messages. The second one has a file, and its reply ran a command. */
async function createSession(world: World) {
  const { app, bridge, client, instance, user } = world;
  const { sessionId, task } = await world.send('How are the servers?');
  await bridge.report(task, { type: 'completed', text: 'All are fine.' });
  const { body } = await upload(app.url, toAuthHeaders(user), createForm('hosts.txt', 'web-1'));
  const message = { instanceId: instance.id, sessionId, message: 'Restart web-1', requestId: randomUUID() };
  await client.instance.createTask.mutate({ ...message, attachmentIds: [body.id] });
  const call = { type: 'tool', callId: '1' } as const;
  await bridge.report(
    await bridge.task('Restart web-1'),
    { ...call, phase: 'start', name: 'run_command', title: 'systemctl restart web-1', args: '{}', textOffset: 0 },
    { ...call, phase: 'end', status: 'completed', output: '', exitCode: 0 },
    { type: 'completed', text: 'web-1 has restarted.' },
  );
  const { task: third } = await world.send('Thanks', sessionId);
  await bridge.report(third, { type: 'completed', text: 'You are welcome.' });
  return sessionId;
}

const listMessages = (page: Page) =>
  page.locator('article[aria-label=You] > p').evaluateAll((found) => found.map(({ textContent }) => textContent));
const complete = (world: World, task: TaskRequest, text: string) =>
  world.bridge.report(task, { type: 'completed', text });

inBrowser('a message is edited by keyboard, both versions remain, and other screens follow', async () => {
  await using world = await createFixture({ webDir });
  const sessionId = await createSession(world);
  const page = await openSession(world, sessionId);
  const other = await openSession(world, sessionId, phone);
  await page.getByText('You are welcome.').waitFor();
  await other.getByText('You are welcome.').waitFor();

  // The latest message, from the empty composer.
  await page.getByTestId('composer').press('ArrowUp');
  const editor = page.getByTestId('message-editor');
  expect(await editor.inputValue()).toBe('Thanks');
  await editor.press('Escape');
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Edit and send again');

  await page.getByText('Restart web-1', { exact: true }).hover();
  await page.getByRole('button', { name: 'Edit and send again' }).nth(1).click();
  await page.getByText('are not undone').waitFor();
  expect(await page.getByTestId('edited-file').textContent()).toContain('hosts.txt');
  expect(await listViolations(page, 'main')).toEqual([]);
  await page.getByTestId('edited-file-input').setInputFiles({
    ...{ name: 'more.txt', mimeType: 'text/plain', buffer: Buffer.from('web-2') },
  });
  await editor.fill('Restart web-2');
  // What was written is there after a reload, and the composer keeps the focus.
  await page.locator('[data-testid=edited-file][data-state=ready]').nth(1).waitFor();
  await page.reload();
  await page.getByTestId('edited-file').nth(1).waitFor();
  expect(await editor.inputValue()).toBe('Restart web-2');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('composer');
  await editor.press('Enter');
  const task = await world.bridge.task('Restart web-2');
  expect(task.attachments.map(({ name }) => name)).toEqual(['hosts.txt', 'more.txt']);
  expect(task.history.map(({ text }) => text)).toEqual(['How are the servers?', 'All are fine.']);
  await complete(world, task, 'web-2 has restarted.');

  for (const screen of [page, other]) {
    await screen.getByText('web-2 has restarted.').waitFor();
    expect(await listMessages(screen)).toEqual(['How are the servers?', 'Restart web-2']);
    expect(await screen.getByTestId('versions').ariaSnapshot()).toContain('group "Version 2 of 2"');
  }
  await page.getByRole('button', { name: 'Previous version' }).press('Enter');
  await page.getByText('You are welcome.').waitFor();
  expect(await listMessages(page)).toEqual(['How are the servers?', 'Restart web-1', 'Thanks']);
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Next version');
  expect(await listViolations(page, 'main')).toEqual([]);
  await other.getByText('You are welcome.').waitFor();
  await other.reload();
  await other.getByText('You are welcome.').waitFor();

  await page.getByTestId('composer').fill('Next');
  await page.getByTestId('send').click();
  await complete(world, await world.bridge.task('Next'), 'Here.');
  await other.getByText('Here.').waitFor();
  expect(await listMessages(other)).toEqual(['How are the servers?', 'Restart web-1', 'Thanks', 'Next']);
  // Nothing moves sideways on a phone.
  expect(await other.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await Promise.all([page, other].map((screen) => screen.context().close()));
});

inBrowser('an approval of another version is shown, and its link opens that version', async () => {
  await using world = await createFixture({ webDir });
  const { sessionId, task } = await world.send('Clean the disk');
  await world.bridge.report(task, approvalReport({ command: 'rm -rf /srv/cache', allowedDecisions: ['deny'] }));
  const page = await openSession(world, sessionId);
  await page.getByText('Clean the disk').hover();
  await page.getByRole('button', { name: 'Edit and send again' }).click();
  await page.getByText('The new version waits').waitFor();
  await page.getByTestId('message-editor').fill('Show the disk');
  await page.getByTestId('message-editor').press('Enter');
  // It waits above the composer.
  await expect.poll(() => listMessages(page)).toEqual([]);
  await page.getByText('Show the disk').waitFor();
  const bar = page.getByTestId('other-branches').filter({ hasText: 'waiting for a decision' });
  await bar.getByRole('button', { name: 'Show' }).click();
  await page.getByTestId('approval-card').waitFor();
  expect(await listMessages(page)).toEqual(['Clean the disk']);
  await page.getByRole('button', { name: 'Show the current one' }).click();
  await page.getByText('Show the disk').waitFor();
  await expect.poll(() => listMessages(page)).toEqual([]);

  // The list of approvals.
  await page
    .getByRole('button', { name: /approval/i })
    .first()
    .click();
  await page.getByTestId('waiting-card').getByRole('link').click();
  await page.getByTestId('approval-card').waitFor();
  expect(await listMessages(page)).toEqual(['Clean the disk']);
  await page.reload();
  await page.getByTestId('approval-card').waitFor();
  await page.context().close();
});
