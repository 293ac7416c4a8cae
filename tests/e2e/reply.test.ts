import { fileURLToPath } from 'node:url';
import type { TaskRequest } from '@it0/contracts/bridge';
import { approvalReport } from '@it0/tests/support/approval';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import { until } from '@it0/tests/support/until';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
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

async function openChat(world: World, options: BrowserContextOptions = {}) {
  const page = await openPage(browser, { url: world.app.url, cookie: world.user.cookie }, faults, options);
  await page.getByTestId('agent-card').click();
  return { page, [Symbol.asyncDispose]: () => page.context().close() };
}

/** Sends a text in pieces, as a model does. */
async function streamText(world: World, task: TaskRequest, text: string) {
  for (let offset = 0; offset < text.length; offset += 6) {
    await world.bridge.report(task, { type: 'text', offset, delta: text.slice(offset, offset + 6) });
  }
  await world.bridge.report(task, { type: 'completed', text });
}

const lastReply = (page: Page) => page.getByTestId('reply').last();
const readHtml = (reply: Locator) => reply.locator('.markdown').evaluate((element) => element.innerHTML);

const sentence = 'A very long sentence about what happened on the server last night when the disk filled up. ';
const markdown = `مرحبا، الخادم يعمل (nginx).

- see [a][1] and [guide]
- قائمة (a).

> اقتباس.

## عنوان.

| step | what |
|-|-|
| 1 | stop<br>start [x][1] |
| disk | ${sentence.repeat(3)} |

| a | b | c |
|-|-|-|
| ${sentence} | ${sentence} | ${sentence} |

| cmd | url |
|-|-|
| \`${'find /srv -name x -o '.repeat(9)}\` | https://a.example${'/abc'.repeat(40)} |

English stays left to right, \\( a_1*b_1 \\) too.

<details><summary>Log</summary>

[ERROR]: timeout

</details>

[1]: https://a.example/1
[guide]: https://a.example/g
`;

inBrowser('a reply in pieces is the same as after a reload, and fits on a phone', async () => {
  await using world = await createFixture({ webDir });
  const { task } = await world.send('هل يعمل الخادم؟\nsystemctl status nginx');
  await using opened = await openChat(world, phone);
  const { page } = opened;
  const reply = lastReply(page);
  await world.bridge.report(task, { type: 'task', status: 'RUNNING' });
  // Repeated, since an event that is not stored is lost before the page follows the session.
  await until(async () => {
    await world.bridge.report(task, { type: 'model-retry', reason: 'MODEL_RATE_LIMITED', attempt: 2 });
    return page.getByText('The model is limiting requests. Trying again (attempt 3)…').isVisible();
  });
  await streamText(world, task, markdown);
  await page.locator('[data-testid=reply][data-status=COMPLETED]').waitFor();
  expect(await reply.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
    ...['https://a.example/1', 'https://a.example/g', 'https://a.example/1', `https://a.example${'/abc'.repeat(40)}`],
  ]);
  const directions = (selector: string) =>
    reply.locator(selector).evaluateAll((found) => found.map((element) => getComputedStyle(element).direction));
  expect(await directions('p >> nth=0')).toEqual(['rtl']);
  expect(await directions('li')).toEqual(['ltr', 'rtl']);
  expect(await directions('blockquote, h3')).toEqual(['rtl', 'rtl']);
  const sizes = await reply.locator('table').evaluateAll((tables) =>
    tables.map((table) => ({
      width: table.getBoundingClientRect().width / table.parentElement!.clientWidth,
      lines: [...table.querySelectorAll('td')].map((cell) => cell.getBoundingClientRect().height / 20),
    })),
  );
  for (const { width, lines } of sizes) {
    expect(width).toBeLessThanOrEqual(1.01);
    expect(Math.max(...lines)).toBeGreaterThan(2);
  }
  await reply.locator('math').waitFor();
  // The lines of a message have a direction of their own, too.
  const message = page.locator('article[aria-label=You] > p');
  expect(await message.evaluate((element) => getComputedStyle(element).unicodeBidi)).toBe('plaintext');
  const live = await readHtml(reply);
  await page.reload();
  await page.locator('[data-testid=reply][data-status=COMPLETED]').waitFor();
  await lastReply(page).locator('math').waitFor();
  expect(await readHtml(lastReply(page))).toBe(live);
});

const at = { textOffset: 0 } as const;
const start = (callId: string, title: string, args?: string) =>
  ({ type: 'tool', phase: 'start', callId, name: 'run_command', title, args, ...at }) as const;
const end = (callId: string, output: string, durationMs = 119_600) =>
  ({ type: 'tool', phase: 'end', callId, status: 'completed', output, durationMs }) as const;

inBrowser('a tool’s output is shown as by a terminal, its arguments as they were sent', async () => {
  await using world = await createFixture({ webDir });
  const { task } = await world.send();
  await using opened = await openChat(world);
  const { page } = opened;
  await world.bridge.report(
    task,
    { type: 'task', status: 'RUNNING' },
    start('a', 'pull image', '{"image":"nginx","chat_id":9007199254740993,"price":1.0}'),
  );
  const step = page.getByTestId('tool-step');
  // Progress is not stored, so it is reported until the page has subscribed.
  await until(async () => {
    await world.bridge.report(task, { type: 'progress', callId: 'a', output: '10pc\r20pc' });
    return step.getByText('20pc', { exact: true }).isVisible();
  });
  expect(await step.locator('dd').allInnerTexts()).toEqual(['nginx', '9007199254740993', '1.0']);
  const output = `\u001b[31mred\u001b[0m\n${'x'.repeat(400)}\nabc\b\bX\n`;
  await world.bridge.report(task, end('a', output), start('b', 'ls'), end('b', 'file\n'.repeat(5_000)));
  await step.first().getByText('2 min 0 s').waitFor();
  const box = step.first().getByTestId('tool-output');
  expect(await box.innerText()).toBe(`red\n${'x'.repeat(400)}\naXc`);
  expect(await box.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true);
  await step.first().getByRole('button', { name: 'Wrap' }).click();
  expect(await box.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(false);
  await step.nth(1).getByRole('button').first().click();
  await step.nth(1).getByText('5,000 lines').waitFor();
  for (const id of ['c', 'd', 'e']) await world.bridge.report(task, start(id, `df ${id}`), end(id, 'ok', 400));
  await page.getByTestId('tool-run').waitFor();
  await world.bridge.report(task, { type: 'completed', text: 'Done.' });
  await page.getByRole('button', { name: '5 tool calls' }).waitFor();
  expect(await step.count()).toBe(0);
});

inBrowser('a command is shown once after its approval was decided', async () => {
  await using world = await createFixture({ webDir });
  const { task } = await world.send();
  await using opened = await openChat(world);
  const { page } = opened;
  const cwd = '/var/lib/it0/instances/0193/workspace/ada';
  await world.bridge.report(
    task,
    { type: 'task', status: 'RUNNING' },
    start('a', 'systemctl restart nginx', '{"command":"systemctl restart nginx"}'),
    approvalReport({ callId: 'a', command: 'systemctl restart nginx', cwd }),
  );
  const shown = page.getByText('systemctl restart nginx');
  const card = page.getByTestId('approval-card');
  await card.getByText('Allow this command?').waitFor();
  expect(await shown.count()).toBe(1);
  expect(await card.getByTitle(cwd).innerText()).toBe('…/workspace/ada');
  await card.getByRole('button', { name: 'Deny' }).click();
  await card.getByText('Denied by Ada').waitFor();
  expect(await card.getByText('Allow this command?').count()).toBe(0);
  await world.bridge.report(task, end('a', 'The command was denied.'), { type: 'completed', text: 'It was denied.' });
  await page.getByTestId('decision').getByText('Denied by Ada').waitFor();
  expect([await card.count(), await shown.count()]).toEqual([0, 1]);
});

inBrowser('a reply can be copied, quoted, linked and requested again with its files', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openChat(world, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = opened;
  const files = page.getByTestId('draft-file');
  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
  await page.getByTestId('composer').fill('What is in it?');
  await page.locator('[data-testid=draft-file][data-state=ready]').waitFor();
  await page.getByTestId('composer').press('Enter');
  const task = await world.bridge.task('What is in it?');
  await world.bridge.report(task, { type: 'task', status: 'RUNNING' });
  await page.getByTestId('elapsed').waitFor();
  await page.getByTestId('day').getByText('Today').waitFor();
  const usage = { input: 1_200, output: 34, cacheRead: 0, cacheWrite: 0 };
  await world.bridge.report(task, { type: 'completed', text: 'It has **one** letter.', usage });
  const reply = lastReply(page);
  await reply.getByText('1,234 tokens').waitFor();
  expect(await reply.locator('time').getAttribute('title')).toMatch(/\d{4}.*\d:\d\d:\d\d/);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const press = (name: string) => reply.getByRole('button', { name }).press('Enter');
  await press('Copy Markdown');
  await until(async () => (await clipboard()) === 'It has **one** letter.');
  await press('Copy as plain text');
  await until(async () => (await clipboard()) === 'It has one letter.');
  await press('Copy link');
  await until(async () => (await clipboard()).endsWith(`&message=${task.taskId}`));
  await press('Quote');
  expect(await page.getByTestId('composer').inputValue()).toBe('> It has **one** letter.\n\n');

  await page
    .getByTestId('file-input')
    .setInputFiles({ name: 'b.txt', mimeType: 'text/plain', buffer: Buffer.from('b') });
  await page.locator('[data-testid=draft-file][data-state=ready]').waitFor();
  await press('Ask again');
  await until(() => world.bridge.tasks.length === 2);
  expect(world.bridge.tasks[1]?.attachments?.map(({ name }) => name)).toEqual(['a.txt']);
  expect(await files.allInnerTexts()).toEqual([expect.stringContaining('b.txt')]);
  await world.bridge.report(world.bridge.tasks[1]!, { type: 'completed', text: ' \n' });
  await lastReply(page).getByText('The agent finished without a reply.').waitFor();
});

inBrowser('code is highlighted, formulas are set, and diagrams are images that load nothing', async () => {
  await using world = await createFixture({ webDir });
  const { task } = await world.send();
  await using opened = await openChat(world, { colorScheme: 'dark' });
  const { page } = opened;
  const text = [
    '```bash\nfor disk in a b; do df "$disk"; done\n```',
    'The size is \\( \\frac{a_1}{b_2} \\), and $$\nx^2 + y^2 = z^2\n$$',
    '```mermaid\ngraph TD\n  A[Disk full] -->|<img src=x onerror=alert(1)>| B[Clean up]\n```',
    '```mermaid\nno diagram\n```',
  ].join('\n\n');
  await world.bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text });
  const reply = lastReply(page);
  await reply.locator('.code-keyword', { hasText: 'for' }).waitFor();
  expect(await reply.locator('pre').first().innerText()).toBe('for disk in a b; do df "$disk"; done');
  await reply.locator('math mfrac').waitFor();
  const diagram = reply.getByRole('img', { name: 'Diagram' });
  await until(() => diagram.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0));
  await reply.getByText('no diagram').waitFor();
  expect(await diagram.count()).toBe(1);
});

inBrowser('a wide chat has more space for code than for text', async () => {
  await using world = await createFixture({ webDir });
  const { task } = await world.send('Show the log');
  const text = `${sentence.repeat(5)}\n\n\`\`\`\n${'x'.repeat(500)}\n\`\`\`\n`;
  await world.bridge.report(task, { type: 'completed', text });
  await using chat = await openChat(world, { viewport: { width: 1920, height: 1080 } });
  const { page } = chat;
  const code = lastReply(page).locator('pre');
  const widthOf = async (element: Locator) => (await element.boundingBox())!.width;
  await code.waitFor();
  expect(await widthOf(lastReply(page).locator('.markdown > p'))).toBeLessThan(700);
  expect(await widthOf(code)).toBeGreaterThan(850);
  await page.setViewportSize({ width: 1280, height: 860 });
  await until(async () => (await widthOf(code)) <= 720);
});
