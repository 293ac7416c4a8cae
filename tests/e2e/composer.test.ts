import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { approvalReport } from '@it0/tests/support/approval';
import { listViolations } from '@it0/tests/support/axe';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import { until } from '@it0/tests/support/until';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Uses the real page and server, with a fake bridge.
type World = Awaited<ReturnType<typeof createFixture>>;
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const phone: BrowserContextOptions = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
let browser: Browser;

const inBrowser = test.runIf(hasBrowser);
beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function openComposer(world: World, options: BrowserContextOptions = {}) {
  const page = await openPage(browser, { url: world.app.url, cookie: world.user.cookie }, [], options);
  await page.getByTestId('agent-card').click();
  const composer = page.getByTestId('composer');
  await composer.waitFor();
  return { page, composer, [Symbol.asyncDispose]: () => page.context().close() };
}

const sessionOf = ({ page }: { page: Page }) => ({ sessionId: new URL(page.url()).searchParams.get('session')! });

type Content = { text?: string; html?: string; picture?: boolean };
const paste = (page: Page, content: Content) =>
  page.getByTestId('composer').evaluate((field, { text, html, picture }) => {
    const clipboardData = new DataTransfer();
    if (text) clipboardData.setData('text/plain', text);
    if (html) clipboardData.setData('text/html', html);
    if (picture) clipboardData.items.add(new File(['x'], 'image.png', { type: 'image/png' }));
    return field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, content);

inBrowser('the composer prefers a text over its picture, and its keys do not leave the chat', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openComposer(world);
  const { page, composer } = opened;
  // An event that is not canceled pastes the text.
  expect(await paste(page, { text: 'a\tb', html: '<table></table>', picture: true })).toBe(true);
  expect(await page.getByTestId('draft-file').count()).toBe(0);
  expect(await paste(page, { html: '<img src="x">', picture: true })).toBe(false);
  await page.getByTestId('draft-file').waitFor();
  await page.getByRole('button', { name: /^Remove image/ }).click();

  const send = page.getByTestId('send');
  for (const text of ['\u200b', '\u2800']) {
    await composer.fill(text);
    expect(await send.isDisabled()).toBe(true);
  }
  await composer.fill('a draft');
  expect(await send.isDisabled()).toBe(false);
  await composer.evaluate((field) =>
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', keyCode: 229, bubbles: true })),
  );
  const isFocused = () => composer.evaluate((field) => field === document.activeElement);
  expect(await isFocused()).toBe(true);
  await composer.press('Escape');
  expect(await isFocused()).toBe(false);
  await page.keyboard.press('Escape');
  expect(await composer.inputValue()).toBe('a draft');

  const stored = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft.')).length);
  expect(await stored()).toBe(1);
  await page.getByRole('button', { name: 'Account menu of Ada' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Email').waitFor();
  expect(await stored()).toBe(0);
});

inBrowser('what a person wrote is deleted when another one signs in after their session has ended', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openComposer(world);
  const { page, composer } = opened;
  const stored = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('draft.')).length);
  await composer.fill('a draft');
  await until(async () => (await stored()) === 1);
  await page.reload();
  await until(async () => (await composer.inputValue()) === 'a draft');
  expect(await stored()).toBe(1);

  const other = await world.app.newUser({ name: 'Bob' });
  const [name, value] = other.cookie.split(/=(.*)/s) as [string, string];
  await page.context().clearCookies();
  await page.context().addCookies([{ name, value, url: world.app.url }]);
  await page.goto(world.app.url);
  await until(async () => (await stored()) === 0);
});

inBrowser('the composer of a phone adds a line with Enter, and sends with its button', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openComposer(world, phone);
  const { page, composer } = opened;
  await composer.fill('one');
  await composer.press('Enter');
  await composer.pressSequentially('two');
  expect(await composer.inputValue()).toBe('one\ntwo');
  await page.getByTestId('send').tap();
  await until(() => world.bridge.tasks.length === 1);
  expect(world.bridge.tasks[0]?.message).toBe('one\ntwo');
});

inBrowser('a refused upload is explained by its kind and its status', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openComposer(world);
  const { page } = opened;
  const attach = (name: string, content: Buffer) =>
    page.getByTestId('file-input').setInputFiles({ name, mimeType: '', buffer: content });
  const file = page.getByTestId('draft-file').last();
  await attach('IMG_0001.HEIC', Buffer.from([0, 0, 0, 24, ...Buffer.from('ftypheic'), 0, 0, 0, 0]));
  await file.getByText('HEIC pictures cannot be read. Save it as JPEG or PNG.').waitFor();
  await page.route('**/api/v1/agent/attachments', (route) => route.fulfill({ status: 413, body: '<html>' }));
  await attach('big.txt', Buffer.from('x'));
  await file.getByText('This file is too large to attach.').waitFor();
  expect(await file.getByRole('button', { name: /Retry/ }).count()).toBe(0);
});

inBrowser('a draft continues on another device, and neither of two texts is lost', async () => {
  await using world = await createFixture({ webDir });
  await using laptop = await openComposer(world);
  await using handset = await openComposer(world, { ...phone, locale: 'zh-CN' });
  const shows = ({ composer }: typeof laptop, text: string) =>
    until(async () => (await composer.inputValue()) === text);
  await laptop.composer.fill('how full are the disks');
  await laptop.page.getByTestId('file-input').setInputFiles({ name: 'df.txt', mimeType: '', buffer: Buffer.from('x') });
  await shows(handset, 'how full are the disks');
  await handset.page.locator('[data-testid=draft-file][data-state=ready]').waitFor();
  await laptop.page.locator('[data-testid=draft-file][data-state=ready]').waitFor();
  await laptop.composer.press('Enter');
  await shows(handset, '');
  expect(await handset.page.getByTestId('draft-file').count()).toBe(0);
  await until(() => world.bridge.tasks.length === 1);
  expect(world.bridge.tasks[0]).toMatchObject({ message: 'how full are the disks', attachments: [{ name: 'df.txt' }] });

  await laptop.page.waitForURL(/session=/);
  await handset.page.goto(laptop.page.url());
  await handset.composer.waitFor();
  // The text of a page that is closed in the same moment is saved.
  await laptop.composer.fill('typed and closed');
  await laptop.page.goto('about:blank');
  await shows(handset, 'typed and closed');
  await laptop.page.goBack();
  await shows(laptop, 'typed and closed');

  await handset.page.context().setOffline(true);
  await handset.composer.fill('written in the tunnel');
  await laptop.composer.fill('written at the desk');
  await until(async () => (await world.client.session.messages.query(sessionOf(laptop))).draft?.text.endsWith('desk'));
  await handset.page.context().setOffline(false);
  const other = handset.page.getByTestId('other-draft');
  await other.getByText('written at the desk').waitFor();
  expect(await handset.composer.inputValue()).toBe('written in the tunnel');
  await other.getByRole('button', { name: '使用另一台设备上的内容' }).tap();
  await shows(handset, 'written at the desk');
  await other.getByRole('button', { name: '恢复' }).tap();
  await shows(laptop, 'written in the tunnel');
});

inBrowser('messages that wait are edited, moved, removed and sent at once', async () => {
  await using world = await createFixture({ webDir });
  const { bridge, client, instance } = world;
  const { sessionId, task, taskId } = await world.send('restart all services');
  for (const message of ['check the disks', 'check the memory', 'check the certificates'])
    await client.instance.createTask.mutate({ instanceId: instance.id, sessionId, message, requestId: randomUUID() });
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  await using laptop = await openComposer(world);
  await using handset = await openComposer(world, { ...phone, locale: 'zh-CN' });
  const queueOf = ({ page }: typeof laptop) => page.getByTestId('queued');
  const listTexts = async (opened: typeof laptop) =>
    (await queueOf(opened).locator('p').allTextContents()).map((text) => text.replace(/ · .*/, ''));
  const shows = (opened: typeof laptop, ...texts: string[]) =>
    until(async () => (await listTexts(opened)).join() === texts.join());
  await shows(laptop, 'check the disks', 'check the memory', 'check the certificates');

  // With a menu on the phone, and by dragging on the laptop.
  await queueOf(handset).last().getByRole('button', { name: /操作$/ }).tap();
  await handset.page.getByRole('menuitem', { name: '上移' }).tap();
  await shows(laptop, 'check the disks', 'check the certificates', 'check the memory');
  await queueOf(laptop).last().dragTo(queueOf(laptop).first());
  await shows(handset, 'check the memory', 'check the disks', 'check the certificates');

  await queueOf(laptop)
    .first()
    .getByRole('button', { name: /^Actions/ })
    .click();
  await laptop.page.getByRole('menuitem', { name: 'Edit' }).click();
  const field = laptop.page.getByTestId('edit-queued');
  await until(() => field.evaluate((element) => element === document.activeElement));
  await field.fill('check the memory and swap');
  for (const name of ['free.txt', 'wrong.txt'])
    await laptop.page.getByTestId('edited-file-input').setInputFiles({ name, mimeType: '', buffer: Buffer.from('x') });
  expect(await listViolations(laptop.page, 'main')).toEqual([]);
  await laptop.page.locator('[data-testid=edited-file][data-state=ready]').nth(1).waitFor();
  await laptop.page.getByRole('button', { name: 'Remove wrong.txt' }).click();
  // The whole form is in view.
  const list = laptop.page.getByRole('region', { name: 'Queued messages' }).getByRole('list').first();
  const [around, save] = [list, laptop.page.getByRole('button', { name: 'Save' })].map((found) => found.boundingBox());
  expect((await save)!.y + (await save)!.height).toBeLessThanOrEqual((await around)!.y + (await around)!.height);
  await field.press('Enter');
  await queueOf(handset).first().getByText('1 个文件').waitFor();
  await shows(handset, 'check the memory and swap', 'check the disks', 'check the certificates');

  await queueOf(laptop)
    .nth(1)
    .getByRole('button', { name: /^Actions/ })
    .click();
  await laptop.page.getByRole('menuitem', { name: 'Remove' }).click();
  await shows(handset, 'check the memory and swap', 'check the certificates');
  // Its session is the one that it is sent to, also while another one is shown. A notification stays below the pointer.
  const undo = laptop.page.getByRole('button', { name: 'Undo' });
  await undo.hover();
  const address = laptop.page.url();
  await laptop.page.getByRole('button', { name: 'New session' }).dispatchEvent('click');
  await queueOf(laptop).first().waitFor({ state: 'detached' });
  await undo.click();
  await shows(handset, 'check the memory and swap', 'check the disks', 'check the certificates');
  await laptop.page.goto(address);

  await queueOf(handset).nth(1).getByRole('button', { name: '停止当前任务，立即发送这条' }).tap();
  await until(() => bridge.cancelled.includes(taskId));
  await bridge.report(task, { type: 'error', status: 'CANCELLED', reason: 'CANCELLED_BY_USER', text: '' });
  await bridge.report(await bridge.task('check the disks'), { type: 'completed', text: 'done' });
  const { attachments } = await bridge.task('check the memory and swap');
  expect(attachments?.map(({ name }) => name)).toEqual(['free.txt']);
  await shows(laptop, 'check the certificates');
  // The message that was removed is not shown beside the one that was sent instead.
  const sent = laptop.page.getByRole('article', { name: 'You' });
  await sent.filter({ hasText: 'memory' }).waitFor();
  expect(await sent.filter({ hasText: 'check the disks' }).count()).toBe(1);
});

inBrowser('the state of the running task is announced, not that of a message behind it', async () => {
  await using world = await createFixture({ webDir });
  const { bridge, client, instance } = world;
  const { sessionId, task } = await world.send('restart all services');
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  const send = (message: string) =>
    client.instance.createTask.mutate({ instanceId: instance.id, sessionId, message, requestId: randomUUID() });
  const removed = await send('check the disks');
  await using opened = await openComposer(world);
  const queued = opened.page.getByTestId('queued');
  const announced = (text: string) => opened.page.getByRole('status').filter({ hasText: text });
  await announced('is replying').waitFor();
  await queued.waitFor();
  await client.task.cancel.mutate({ taskId: removed.taskId });
  await queued.waitFor({ state: 'detached' });
  expect(await announced('is replying').count()).toBe(1);
  await send('check the memory');
  await queued.waitFor();
  await bridge.report(task, approvalReport());
  await announced('A command is waiting for your approval').waitFor();
});

inBrowser('a slash offers commands and saved prompts, and sends what is no choice', async () => {
  await using world = await createFixture({ webDir });
  const { bridge, client } = world;
  await client.prompt.create.mutate({ name: 'Restart a service', text: 'Restart {{service}} on {{host}}.' });
  await using laptop = await openComposer(world);
  const { page, composer } = laptop;
  const list = page.getByTestId('slash-list');
  await composer.press('/');
  await list.getByText('Restart a service').waitFor();
  expect(await listViolations(page, 'body')).toEqual([]);
  await composer.press('Escape');
  await list.waitFor({ state: 'detached' });
  expect(await composer.inputValue()).toBe('/');
  // A path, and a command that is only written, are messages.
  for (const text of ['/etc/hosts', '/new']) {
    await composer.fill('');
    await composer.pressSequentially(text);
    await composer.press('Enter');
    await until(() => bridge.tasks.length > 0 && composer.inputValue().then((value) => value === ''));
  }
  await page.getByTestId('queued').getByText('/new').waitFor();

  await composer.pressSequentially('/rest');
  await composer.press('ArrowDown');
  expect(await list.getByRole('option', { selected: true }).textContent()).toContain('Restart a service');
  await composer.press('Enter');
  await composer.pressSequentially('nginx');
  await page.getByText('1 field to fill in').waitFor();
  await composer.press('Enter');
  await composer.pressSequentially('web-1');
  expect(await composer.inputValue()).toBe('Restart nginx on web-1.');
  await composer.press('Enter');
  await page.getByTestId('queued').getByText('Restart nginx on web-1.').waitFor();

  await using handset = await openComposer(world, { ...phone, locale: 'zh-CN' });
  await handset.composer.fill('/');
  await handset.page.getByTestId('slash-list').getByText('停止当前任务').waitFor();
  await handset.page.getByRole('option', { name: /^重命名此会话/ }).tap();
  await handset.page.getByLabel('标题').waitFor();

  await page.goto(`${world.app.url}/settings#prompts`);
  await page.getByRole('button', { name: 'New prompt' }).click();
  await page.getByLabel('Name').fill('Disks');
  await page.getByLabel('Text', { exact: true }).fill('How full are the disks of {{host}}?');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('How full are the disks').waitFor();
  expect(await listViolations(page, 'body')).toEqual([]);
});

inBrowser('a dropped folder is refused, a file beside it is attached, and the message can be sent', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openComposer(world);
  const { page, composer } = opened;
  const folder = mkdtempSync(join(tmpdir(), 'it0-drop-'));
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'df.txt'), 'content');
  const { x, y } = (await composer.boundingBox())!;
  const devTools = await page.context().newCDPSession(page);
  const drop = async (...names: string[]) => {
    const data = { items: [], files: names.map((name) => join(folder, name)), dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devTools.send('Input.dispatchDragEvent', { type, x: x + 20, y: y + 10, data });
  };
  await drop('logs');
  await page.getByText('Folders cannot be attached. Attach the files in it.').waitFor();
  expect(await page.getByTestId('draft-file').count()).toBe(0);
  await composer.fill('the disks');
  expect(await page.getByTestId('send').isEnabled()).toBe(true);
  await drop('logs', 'df.txt');
  await page.locator('[data-testid=draft-file][data-state=ready]').waitFor();
  expect(await page.getByTestId('draft-file').count()).toBe(1);
  await composer.press('Enter');
  await until(() => world.bridge.tasks.length === 1);
  expect(world.bridge.tasks[0]).toMatchObject({ message: 'the disks', attachments: [{ name: 'df.txt' }] });
  rmSync(folder, { recursive: true });
});
