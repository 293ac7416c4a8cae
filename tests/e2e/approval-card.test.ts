import { fileURLToPath } from 'node:url';
import { approvalReport } from '@it0/tests/support/approval';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import { until } from '@it0/tests/support/until';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// Uses the real page and server, with a fake bridge.
type World = Awaited<ReturnType<typeof createFixture>>;
type Overrides = Parameters<typeof approvalReport>[0];
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const phone: BrowserContextOptions = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
const desktop: BrowserContextOptions = {};
const faults: string[] = [];
let browser: Browser;

const inBrowser = test.runIf(hasBrowser);
beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => expect(faults.splice(0)).toEqual([]));

/** The two places with an approval card: the session, and the list behind the bell. */
const places = {
  chat: async (page: Page) => {
    await page.getByTestId('agent-card').click();
    await page.getByTestId('approval-card').waitFor();
    return page.getByTestId('approval-card');
  },
  bell: async (page: Page) => {
    await page.getByTestId('waiting').filter({ visible: true }).click();
    return page.getByTestId('waiting-card');
  },
};

/** Opens the card of a new approval in a browser as the instance's owner. */
async function openCard(
  world: World,
  overrides: Overrides,
  place: keyof typeof places,
  options: BrowserContextOptions = {},
) {
  const { task } = await world.send();
  const report = approvalReport({ cwd: '/srv', expiresInMs: 5 * 3_600_000, ...overrides });
  expect((await world.bridge.report(task, { type: 'task', status: 'RUNNING' }, report)).status).toBe(200);
  const page = await openPage(browser, { url: world.app.url, cookie: world.user.cookie }, faults, options);
  const card = await places[place](page);
  return {
    ...{ page, card, report, task },
    allow: card.getByRole('button', { name: /Allow/ }),
    deny: card.getByRole('button', { name: 'Deny' }),
    [Symbol.asyncDispose]: () => page.context().close(),
  };
}

const waitUntilOff = (allow: Locator) => until(async () => (await allow.getAttribute('aria-disabled')) === 'true');
const waitUntilLive = (allow: Locator) => until(async () => (await allow.getAttribute('aria-disabled')) === 'false');
const readDecision = async ({ bridge }: World) => {
  await until(() => bridge.decisions.length > 0);
  return bridge.decisions[0]?.decision;
};
/** Returns the text of the box without labels. */
const readText = (box: Locator) =>
  box.evaluate((element) => {
    const copy = element.cloneNode(true) as HTMLElement;
    for (const mark of copy.querySelectorAll<HTMLElement>('[data-raw]')) mark.replaceWith(mark.dataset.raw ?? '');
    return copy.textContent;
  });
const isInView = (box: Locator, text: string) =>
  box.evaluate((element, text) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(text) ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      const [found, clip] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
      return found.top >= clip.top - 1 && found.bottom <= clip.bottom + 1 && found.bottom <= innerHeight;
    }
    return false;
  }, text);

/** Commands whose end is out of view for different causes. */
const commands = {
  words: `echo ${'harmless '.repeat(250)};touch /srv/p`,
  lines: `${'ls\n'.repeat(60)};touch /srv/p`,
  comment: `ls # ${'x'.repeat(1_500)}\nrm -rf /srv;touch /srv/p`,
};
const screens = { desktop, phone };

test.runIf(hasBrowser).for([
  { place: 'chat', screen: 'desktop', way: 'keyboard', cause: 'words' },
  { place: 'chat', screen: 'phone', way: 'pointer', cause: 'lines' },
  { place: 'bell', screen: 'desktop', way: 'keyboard', cause: 'comment' },
  { place: 'bell', screen: 'desktop', way: 'button', cause: 'lines' },
  { place: 'bell', screen: 'phone', way: 'pointer', cause: 'words' },
] as const)(
  'a command cannot be allowed before its end was scrolled into view: $place, $screen, $way, $cause',
  async ({ place, screen, way, cause }) => {
    await using world = await createFixture({ webDir });
    await using opened = await openCard(world, { command: commands[cause] }, place, screens[screen]);
    const { page, card, allow, deny } = opened;
    const box = card.getByTestId('exact-text');
    await waitUntilOff(allow);
    await card.getByText('View the end before you allow it.').waitFor();
    expect(await card.innerText()).toContain(';touch /srv/p');
    expect(await isInView(box, ';touch /srv/p')).toBe(false);
    const reason = await allow.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${reason}"]`).innerText()).toMatch(
      /^\d+ more lines\. View the end before you allow it\.$/,
    );
    // Clicks and keys have no effect yet, while denying is always possible.
    await allow.click({ force: true });
    await allow.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    expect(await deny.isEnabled()).toBe(true);
    expect(await allow.getAttribute('aria-disabled')).toBe('true');

    if (way === 'keyboard') {
      await box.focus();
      if (place === 'chat') await page.keyboard.press('End');
      else for (let n = 0; n < 20; n++) await page.keyboard.press('PageDown');
    } else if (way === 'button') await card.getByRole('button', { name: 'Show the end' }).click();
    else await box.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await waitUntilLive(allow);
    await until(() => isInView(box, ';touch /srv/p'));
    await card.getByText('You have viewed the end.').waitFor();
    expect(world.bridge.decisions).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await allow.click();
    expect(await readDecision(world)).toBe('allow-once');
  },
);

inBrowser(
  'a command that fits can be allowed at once by keyboard, and is still shown in full after the decision',
  async () => {
    await using world = await createFixture({ webDir });
    await using opened = await openCard(world, { command: 'systemctl restart nginx' }, 'chat');
    const { page, card, allow, report } = opened;
    await waitUntilLive(allow);
    expect(await card.getByText(/View the end|viewed the end/).count()).toBe(0);
    expect(await card.getByTestId('digest').innerText()).toBe(`digest ${report.digest.slice(0, 8)}`);
    expect(await card.getByTestId('digest').getAttribute('title')).toBe(report.digest);
    await card.getByTestId('exact-text').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await readDecision(world)).toBe('allow-once');
    await card.getByText('Allowed by Ada').waitFor();
    expect(await readText(card.getByTestId('exact-text'))).toBe(report.command);
  },
);

inBrowser('characters of a command that are hard to see are labelled, and copied without the labels', async () => {
  await using world = await createFixture({ webDir });
  const command = 'rm\u00a0-rf \u202e/srv\u2066  /p\u0430th\tא; \u{e0041}\u200b\ue000\ufffd\u001b[2K\nls שלום ; ls ';
  await using opened = await openCard(world, { command }, 'bell', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page, card } = opened;
  const box = card.getByTestId('exact-text');
  const text = await box.innerText();
  for (const label of [
    '\\u00a0',
    '\\u202e',
    '\\u2066',
    '··',
    '\u0430\\u0430',
    '⇥',
    '\\u{e0041}',
    '\\u200b',
    '\\ue000',
    '\\ufffd',
    '\\u001b',
    '⏎',
    '·',
  ])
    expect(text).toContain(label);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\u00a0\ufffd]/u);
  await card.getByText('invisible characters: \\u{e0041} \\u200b').waitFor();
  expect(await readText(box)).toBe(command);
  // The command runs from left to right, even with right-to-left words.
  const order = await box.evaluate((element) =>
    [...element.querySelectorAll('bdi[dir=rtl]')].map((word) => word.getBoundingClientRect().left),
  );
  expect(order).toHaveLength(2);

  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await card.getByRole('button', { name: 'Copy' }).click();
  await until(async () => (await clipboard()) === command);
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await box.evaluate((element) => getSelection()?.selectAllChildren(element));
  await page.keyboard.press('ControlOrMeta+c');
  await until(async () => (await clipboard()) === command);
});

inBrowser('the card of a command outside the sandbox differs in color and text', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openCard(
    world,
    { kind: 'exec-unsandboxed', command: 'sudo reboot', cwd: undefined },
    'chat',
  );
  const { card, allow, report } = opened;
  await card.getByText('Allow this command outside the sandbox?').waitFor();
  await card
    .getByText('Runs outside the sandbox, with all permissions of this agent’s user account on the machine.')
    .waitFor();
  expect(await allow.innerText()).toBe('Allow once, outside the sandbox');
  const border = (locator: Locator) => locator.evaluate((element) => getComputedStyle(element).borderTopColor);
  const outside = await border(card);
  await waitUntilLive(allow);
  await allow.click();
  expect(await readDecision(world)).toBe('allow-once');
  expect(report.kind).toBe('exec-unsandboxed');
  await card.getByText('Allowed by Ada').waitFor();
  expect(await border(card)).not.toBe(outside);
});

inBrowser('writing a file can be allowed only after the end of its content was in view', async () => {
  await using world = await createFixture({ webDir });
  const content = `${'[alias]\n'.repeat(80)}\tst = !touch /srv/p\n`;
  await using opened = await openCard(world, { kind: 'write', command: '/w/.gitconfig', content }, 'bell', phone);
  const { card, allow } = opened;
  await card.getByText('Allow this file to be written?').waitFor();
  const [path, body] = [card.getByTestId('exact-text').first(), card.getByTestId('exact-text').last()];
  expect([await readText(path), await readText(body)]).toEqual(['/w/.gitconfig', content]);
  await waitUntilOff(allow);
  const [, more] = /^(\d+) more lines\./.exec(await card.getByText('View the end before').innerText()) ?? [];
  expect(Number(more)).toBeGreaterThanOrEqual(81 - 12);
  expect(Number(more)).toBeLessThan(81);
  await card.getByRole('button', { name: 'Show the end' }).click();
  await waitUntilLive(allow);
  await allow.click();
  expect(await readDecision(world)).toBe('allow-once');
});

test.runIf(hasBrowser).for([-35 * 60, 60 * 60, -26 * 3_600])(
  'the card counts down by the server’s clock when the local clock is %i seconds off',
  async (seconds) => {
    await using world = await createFixture({ webDir });
    const { task } = await world.send();
    await world.bridge.report(task, approvalReport({ expiresInMs: 5 * 3_600_000 }));
    const context = await browser.newContext();
    await context.addInitScript((ms) => {
      const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...args: []) {
          super(...((args.length > 0 ? args : [Real.now() + ms]) as []));
        }
        static override now = () => Real.now() + ms;
      } as DateConstructor;
    }, seconds * 1_000);
    const [name, value] = world.user.cookie.split(/=(.*)/s) as [string, string];
    await context.addCookies([{ name, value, url: world.app.url }]);
    const page = await context.newPage();
    await page.goto(world.app.url);
    const card = await places.chat(page);
    const remaining = card.getByText(/expires in \d+:\d\d/);
    await remaining.waitFor();
    const [, minutes] = /expires in (\d+):/.exec(await remaining.innerText()) ?? [];
    expect(Number(minutes)).toBeLessThanOrEqual(300);
    expect(Number(minutes)).toBeGreaterThan(280);
    const allow = card.getByRole('button', { name: 'Allow once' });
    await waitUntilLive(allow);
    await allow.click();
    expect(await readDecision(world)).toBe('allow-once');
    await context.close();
  },
);

inBrowser('the card is shown in Chinese for a Chinese locale', async () => {
  await using world = await createFixture({ webDir });
  await using opened = await openCard(world, { command: commands.words, agentConfiguration: true }, 'bell', {
    ...phone,
    locale: 'zh-CN',
    colorScheme: 'dark',
  });
  const { card } = opened;
  await card.getByText('允许执行此命令吗？').waitFor();
  await card.getByText(/^后面还有 \d+ 行，看到结尾后才能允许。$/).waitFor();
  await card.getByText('智能体在该命令用到的目录中写入过配置').waitFor();
  await card.getByRole('button', { name: '查看结尾' }).click();
  await until(
    async () => (await card.getByRole('button', { name: '允许一次' }).getAttribute('aria-disabled')) === 'false',
  );
});
