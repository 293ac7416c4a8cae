import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import { until } from '@it0/tests/support/until';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test } from 'vitest';

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);
const inBrowser = test.runIf(hasBrowser);

const TURNS = 300;

/** Opens a session of 300 turns with an instance whose bridge is controlled by the test. */
async function createWorld(options?: BrowserContextOptions) {
  const undo = new AsyncDisposableStack();
  const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
  const fixture = undo.use(await createFixture({ webDir }));
  const { app, user, instance, bridge } = fixture;
  const { sessionId, task } = await fixture.send('Turn 0');
  await bridge.report(task, { type: 'completed', text: 'Reply 0' });
  const turns = Array.from({ length: TURNS }, (_, n) => ({ n: n + 1, taskId: randomUUID(), messageId: randomUUID() }));
  await app.tenant.agentTask.createMany({
    data: turns.map(({ n, taskId: id }) => ({
      ...{
        id,
        sessionId,
        ownerId: user.id,
        requestId: randomUUID(),
        message: `Turn ${n}`,
        status: 'COMPLETED' as const,
      },
    })),
  });
  const { seq } = await app.tenant.agentSession.update({
    where: { id: sessionId },
    data: { seq: { increment: TURNS } },
    select: { seq: true },
  });
  await app.tenant.conversationMessage.createMany({
    data: turns.flatMap(({ n, taskId, messageId }) => {
      const shared = { sessionId, taskId, seq: seq - BigInt(TURNS - n) };
      const text = `Reply ${n}. ${'The disk of the host is fine. '.repeat((n * 7) % 40)}`;
      return [
        { ...shared, id: messageId, role: 'USER' as const, parts: [{ type: 'text', text: `Turn ${n}` }] },
        {
          ...shared,
          id: taskId,
          role: 'ASSISTANT' as const,
          status: 'COMPLETED' as const,
          parts: [{ type: 'text', text }],
        },
      ];
    }),
  });
  const browser = undo.adopt(await launchBrowser(), (one) => one.close());
  const faults: string[] = [];
  const page = await openPage(browser, { url: app.url, ...user }, faults, options);
  const address = `${app.url}/agents/${instance.id}?session=${sessionId}`;
  return { ...fixture, page, faults, address, turns, sessionId, [Symbol.asyncDispose]: () => undo.disposeAsync() };
}

const log = (page: Page) => page.getByRole('log');
const turn = (page: Page, n: number) => log(page).getByText(`Turn ${n}`, { exact: true });
const distanceFromEnd = (page: Page) =>
  log(page).evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));

inBrowser(
  'a link to a message opens the session there, and it can be read on to both sides until the live end',
  async () => {
    await using world = await createWorld();
    const { page, address, turns, faults } = world;
    const { n, messageId } = turns[100]!;
    await page.goto(`${address}&message=${messageId}`);
    const marked = page.locator('[data-marked]');
    await marked.getByText(`Turn ${n}`, { exact: true }).waitFor();
    const top = await marked.evaluate(
      (row) => row.getBoundingClientRect().top - row.closest('[role=log]')!.getBoundingClientRect().top,
    );
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(120);

    for (const [step, last] of [
      [-400, turn(page, n - 30)],
      [400, turn(page, n + 30)],
    ] as const)
      await until(async () => {
        await log(page).evaluate((box, step) => box.scrollBy(0, step), step);
        return last.isVisible();
      });
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await turn(page, TURNS).waitFor();
    await until(async () => (await distanceFromEnd(page)) < 3);
    await until(() => !page.url().includes('message='));

    // The focus remains in the conversation, so that its keys work in the new view too.
    await page.keyboard.press('Home');
    await turn(page, 0).waitFor();
    await page.keyboard.press('End');
    await turn(page, TURNS).waitFor();
    await until(async () => (await distanceFromEnd(page)) < 3);

    await log(page).evaluate((box) => box.scrollBy(0, -2_000));
    await page.getByRole('button', { name: 'Today. Go to a date' }).waitFor();
    const yesterday = new Date(Date.now() - 24 * 3_600_000).toISOString().slice(0, 10);
    await page.getByTestId('day-picker').fill(yesterday, { force: true });
    await turn(page, 0).waitFor();
    expect(faults).toEqual([]);
  },
);

/** Starts to collect the rows and other parts of the chat that change. Returns a function that reads them. */
async function observeChanges(page: Page) {
  const changes = await page.evaluateHandle(() => {
    const changed = { rows: new Set<string>(), others: new Set<string>() };
    const list = document.querySelector('[data-index]')!.parentElement!;
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof HTMLElement ? target : target.parentElement!;
        const row = element.closest<HTMLElement>('[data-index]');
        if (row) changed.rows.add(row.dataset.index!);
        // The list changes its height with the row.
        else if (element !== list) changed.others.add(element.outerHTML);
      }
    }).observe(list.closest('section')!, { subtree: true, childList: true, attributes: true, characterData: true });
    return changed;
  });
  return () => changes.evaluate(({ rows, others }) => ({ rows: [...rows], others: [...others] }));
}

for (const reducedMotion of ['no-preference', 'reduce'] as const)
  inBrowser(
    `the button and End reach the end of a reply that is streamed, with ${reducedMotion} of motion`,
    async () => {
      await using world = await createWorld({ reducedMotion });
      const { page, address, bridge, sessionId } = world;
      await page.goto(address);
      await turn(page, TURNS).waitFor();
      const { task } = await world.send('Stream', sessionId);
      let offset = 0;
      /** Sends a line, and returns its number. */
      const send = async () => {
        const line = offset;
        const delta = `Line ${line} of a long reply, with some more words.

`;
        await bridge.report(task, { type: 'text', offset, delta });
        offset += delta.length;
        return line;
      };
      for (let line = 0; line < 40; line++) await send();
      await log(page).getByText('Line 0 of').waitFor();
      const lastRow = await page.locator('[data-index]').last().getAttribute('data-index');
      const streamLines = async () => {
        const readChanges = await observeChanges(page);
        let last = 0;
        for (let line = 0; line < 20; line++) last = await send();
        await log(page).getByText(`Line ${last} of`).waitFor();
        return readChanges();
      };
      // The start of the task changes other parts too, but only once.
      await expect.poll(streamLines).toEqual({ rows: [lastRow], others: [] });
      expect(await distanceFromEnd(page)).toBeLessThan(3);
      const jump = async (go: () => Promise<unknown>) => {
        await log(page).evaluate((box) => box.scrollBy(0, -3_000));
        await until(async () => (await distanceFromEnd(page)) > 1_000);
        await go();
        for (let line = 0; line < 20; line++) {
          await send();
          await until(async () => (await distanceFromEnd(page)) < 3);
        }
      };
      await jump(() => page.getByRole('button', { name: 'Jump to latest' }).click());
      await jump(() => log(page).press('End'));
      await bridge.report(task, { type: 'completed', text: 'Done.' });
    },
  );

inBrowser('a scroll up in the frame in which a reply grows is not undone', async () => {
  await using world = await createWorld();
  const { page, address, bridge, sessionId } = world;
  await page.goto(address);
  await turn(page, TURNS).waitFor();
  const { task } = await world.send('Stream', sessionId);
  const delta = 'Line.\n\n'.repeat(40);
  await bridge.report(task, { type: 'text', offset: 0, delta });
  await page.getByTestId('reply').last().getByText('Line.').last().waitFor();
  await until(async () => (await distanceFromEnd(page)) < 3);
  // The reply grows in a callback of a frame, which runs after the scroll events and before the observers of sizes.
  const scrolled = await log(page).evaluateHandle((box) => {
    const frame = () => new Promise(requestAnimationFrame);
    const distance = new Promise<number>((resolve) => {
      const observer = new MutationObserver(async () => {
        observer.disconnect();
        box.scrollBy({ top: -3_000, behavior: 'instant' });
        await frame();
        await frame();
        resolve(box.scrollHeight - box.scrollTop - box.clientHeight);
      });
      observer.observe(box, { subtree: true, childList: true, characterData: true });
    });
    return { distance };
  });
  await bridge.report(task, { type: 'text', offset: delta.length, delta });
  expect(await scrolled.evaluate(({ distance }) => distance)).toBeGreaterThan(2_000);
});
