import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TaskRequest } from '@it0/contracts/bridge';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { type FakeBridge, fakeBridge } from '@it0/tests/support/fake-bridge';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Uses a real server and browser, with fake bridges that report when the test says so.
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const agents = ['iAgent', 'Alpha', 'Beta', 'Gamma'];
let app: TestApp;
let bridge: FakeBridge;
let browser: Browser;

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);
const inBrowser = test.runIf(hasBrowser);

beforeAll(async () => {
  bridge = fakeBridge();
  app = await testApp({ webDir });
  await app.newAssistant({ bridgeUrl: bridge.url });
  if (hasBrowser) browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await app?.[Symbol.asyncDispose]();
  bridge?.[Symbol.dispose]();
});

type Chat = { page: Page; agent: string; marker: string; task: TaskRequest };

/** Opens the browser of a new person with these instances. */
async function openBrowser(name: string, instances: string[]) {
  const user = await app.newUser({ name });
  for (const agent of instances) {
    const { id } = await app.newInstance(user, { bridgeUrl: bridge.url });
    await app.tenant.agentInstance.update({ where: { id }, data: { name: agent } });
  }
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const [cookie, value] = user.cookie.split('=') as [string, string];
  await context.addCookies([{ name: cookie, value, url: app.url }]);
  return context;
}

/** Opens an agent's chat from the list, sends a message, and leaves a draft. */
async function ask(page: Page, agent: string, marker: string): Promise<Chat> {
  await page.goto(app.url);
  await page.locator('a').filter({ hasText: agent }).click();
  const section = page.getByRole('region', { name: agent });
  const message = `question of ${marker}`;
  await section.getByTestId('composer').fill(message);
  await section.getByTestId('composer').press('Enter');
  const task = await bridge.task(message);
  await section.getByTestId('composer').fill(`draft of ${marker}`);
  await section.getByText(message).waitFor();
  return { page, agent, marker, task };
}

const reportPiece = ({ task, marker }: Chat, n: number) => {
  const delta = `piece ${n} of ${marker} `;
  return bridge.report(task, { type: 'text', offset: (n - 1) * delta.length, delta });
};

inBrowser('eight chats of two people stream at once, and each page shows only its own', async () => {
  const faults: string[] = [];
  const chats: Chat[] = [];
  for (const person of ['Ada', 'Bob']) {
    const context = await openBrowser(person, agents.slice(1));
    for (const agent of agents) {
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
      chats.push(await ask(page, agent, `${person}-${agent}`));
    }
  }
  await Promise.all(chats.map(({ task }) => bridge.report(task, { type: 'task', status: 'RUNNING' })));
  for (const n of [1, 2, 3]) await Promise.all(chats.map((chat) => reportPiece(chat, n)));
  for (const { page, agent, marker } of chats) {
    const section = page.getByRole('region', { name: agent });
    await section.getByText(`piece 3 of ${marker}`).waitFor();
    expect(await section.getByTestId('composer').inputValue()).toBe(`draft of ${marker}`);
    expect(await section.getByRole('heading', { level: 2 }).textContent()).toBe(agent);
    const shown = `${await section.innerHTML()} ${await section.getByTestId('composer').inputValue()}`;
    for (const other of chats) {
      if (other.marker !== marker) expect([marker, shown.includes(other.marker)]).toEqual([marker, false]);
    }
    await section.getByRole('button', { name: 'Sessions' }).click();
    const drawer = page.getByTestId('session-drawer');
    await drawer.getByText(`question of ${marker}`).waitFor();
    expect(await drawer.locator('[data-session]').count()).toBe(1);
    await page.keyboard.press('Escape');
  }

  // The activity of an agent appears only in its own chat.
  const [ada] = chats;
  await bridge.report(chats[1]!.task, { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text: '' });
  const step = { type: 'tool', phase: 'start', callId: 'c', name: 'list_instances', title: 'List' } as const;
  await bridge.report(chats[4]!.task, { ...step, textOffset: 0 });
  await chats[1]!.page.getByTestId('reply').and(chats[1]!.page.locator('[data-status=FAILED]')).waitFor();
  const readAvatarState = ({ page }: Chat) => page.getByTestId('avatar').getAttribute('data-state');
  await expect.poll(() => readAvatarState(chats[4]!)).toBe('working');
  expect(await readAvatarState(ada!)).toBe('thinking');
  expect(faults).toEqual([]);
  for (const { page } of chats) await page.context().close();
});

/** Returns the HTML of a chat with iAgent, without ids, times and durations. */
async function readAssistantPage(instances: string[], text: string) {
  const context = await openBrowser('Cleo', instances);
  const chats: Chat[] = [];
  for (const agent of [...instances, 'iAgent']) {
    const page = await context.newPage();
    chats.push(await ask(page, agent, agent === 'iAgent' ? 'the same' : randomUUID()));
  }
  await Promise.all(chats.slice(0, -1).map((chat) => reportPiece(chat, 1)));
  const { page, task } = chats.at(-1)!;
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text });
  const section = page.getByRole('region', { name: 'iAgent' });
  await section.getByText(text).waitFor();
  await expect.poll(() => section.getByTestId('avatar').getAttribute('data-state')).toBe('idle');
  bridge.tasks.length = 0;
  const html = await section.innerHTML();
  await context.close();
  return html
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
    .replaceAll(/<time.*?<\/time>/g, 'time')
    .replaceAll(/>[\d.]+ m?s</g, '>duration<')
    .replaceAll(/(id|for|aria-controls|aria-labelledby)="[^"]*"/g, '');
}

inBrowser('the page of iAgent is the same with and without chats with instances', async () => {
  const alone = await readAssistantPage([], 'All of them rest.');
  expect(alone).toContain('All of them rest.');
  expect(await readAssistantPage(['Alpha', 'Beta'], 'All of them rest.')).toBe(alone);
});

inBrowser('iAgent replies beside the chat with an instance, and neither shows text of the other', async () => {
  const context = await openBrowser('Dora', ['Alpha', 'Beta']);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.setViewportSize({ width: 1440, height: 900 });
  const instance = await ask(page, 'Alpha', 'Dora-Alpha');
  const chat = page.getByRole('region', { name: 'Alpha' });
  const side = page.getByRole('region', { name: 'iAgent' });
  await chat.getByRole('button', { name: 'iAgent beside this chat' }).click();
  const message = 'question of Dora-iAgent';
  await side.getByTestId('composer').fill(message);
  await side.getByTestId('composer').press('Enter');
  const assistant = { page, agent: 'iAgent', marker: 'Dora-iAgent', task: await bridge.task(message) };
  await side.getByTestId('composer').fill('draft of Dora-iAgent');
  for (const one of [instance, assistant]) await bridge.report(one.task, { type: 'task', status: 'RUNNING' });
  for (const n of [1, 2]) for (const one of [instance, assistant]) await reportPiece(one, n);
  for (const [region, expected, other] of [
    [chat, instance, assistant],
    [side, assistant, instance],
  ] as const) {
    await region.getByText(`piece 2 of ${expected.marker}`).waitFor();
    expect(await region.getByTestId('composer').inputValue()).toBe(`draft of ${expected.marker}`);
    expect(await region.innerHTML()).not.toContain(other.marker);
  }
  expect(await page.title()).toContain('Alpha');

  // The URL has both sessions. Opening another instance keeps iAgent open.
  await page.reload();
  await chat.getByText('question of Dora-Alpha').waitFor();
  await side.getByText(message).waitFor();
  await page.locator('a').filter({ hasText: 'Beta' }).click();
  await page.getByRole('region', { name: 'Beta' }).waitFor();
  await side.getByText(message).waitFor();
  await bridge.report(assistant.task, { type: 'completed', text: 'Both at once.' });
  await side.getByText('Both at once.').waitFor();
  await side.getByRole('button', { name: 'Close chat' }).click();
  await side.waitFor({ state: 'detached' });
  await page.getByRole('region', { name: 'Beta' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
