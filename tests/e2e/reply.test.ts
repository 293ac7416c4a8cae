import { fileURLToPath } from 'node:url';
import type { TaskRequest } from '@it0/contracts/bridge';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// Uses the real page and server, with a fake bridge.
type World = Awaited<ReturnType<typeof createFixture>>;
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const phone: BrowserContextOptions = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
const faults: string[] = [];
const timeout = 90_000;
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
  return page;
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

inBrowser('a reply in pieces is the same as after a reload, and fits on a phone', { timeout }, async () => {
  await using world = await createFixture({ webDir });
  const { task } = await world.send();
  const page = await openChat(world, phone);
  const reply = lastReply(page);
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
  const live = await readHtml(reply);
  await page.reload();
  await page.locator('[data-testid=reply][data-status=COMPLETED]').waitFor();
  expect(await readHtml(lastReply(page))).toBe(live);
});
