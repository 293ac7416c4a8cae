import { fileURLToPath } from 'node:url';
import { approvalReport } from '@it0/tests/support/approval';
import { listViolations } from '@it0/tests/support/axe';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import type { RunOptions } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// Every page, menu and dialog in its states, on the real page and server, with a fake bridge.
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const screens: Record<string, BrowserContextOptions> = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
const faults: string[] = [];
let browser: Browser;
let world: Awaited<ReturnType<typeof createWorld>>;

beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await launchBrowser();
  world = await createWorld();
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});
afterEach(() => expect(faults.splice(0).filter((fault) => !fault.startsWith('Failed to load'))).toEqual([]));

const answer = [
  '# Disks',
  'All **fine**, see [the graph](https://example.com/graph).',
  '- `web-1`\n- `web-2`',
  '| host | free |\n|---|---|\n| web-1 | 12 GB |',
  '```sh\ndf -h\n```',
].join('\n\n');

/** Creates an owner with agents in all states, sessions, a pending approval, shares, an invitation and an API key. */
async function createWorld() {
  const world = await createFixture({ webDir });
  const { app, user, client, instance, bridge } = world;
  await app.newAssistant({ bridgeUrl: bridge.url });
  await app.newUser({ name: 'Vera', role: 'viewer' });
  for (const status of ['DEPLOYING', 'STOPPED', 'ERROR'] as const) await app.newInstance(user, { status });
  await client.invitation.create.mutate({ email: 'new@example.com', role: 'operator' });
  await client.instance.share.mutate({ instanceId: instance.id, with: { role: 'viewer' } });
  const { task, sessionId } = await world.send('Check the disks');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'completed', text: answer });
  const waiting = await world.send('Restart nginx');
  const approval = approvalReport({ cwd: '/srv', command: 'systemctl restart nginx' });
  await bridge.report(waiting.task, { type: 'task', status: 'RUNNING' }, approval);
  return { ...world, answered: sessionId, waiting: waiting.sessionId };
}

type State = (page: Page, go: (path: string) => Promise<unknown>) => Promise<unknown>;
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).first().waitFor();
const open = (page: Page, path: string) => page.goto(world.app.url + path);

const guestStates: Record<string, State> = {
  'sign in': (page, go) => go('/sign-in').then(() => page.getByLabel('Email').waitFor()),
  'sign-in link that is invalid': (page, go) => go('/sign-in/nothing').then(() => heading(page)),
  'password reset': (page, go) => go('/reset-password').then(() => heading(page)),
  'missing page': (page, go) => go('/nowhere').then(() => heading(page)),
};

/** States of pages that open at an address. */
const pageStates: Record<string, State> = {
  agents: (page, go) => go('/').then(() => page.getByTestId('agent-card').first().waitFor()),
  organization: (page, go) => go('/organization').then(() => page.getByText('new@example.com').first().waitFor()),
  account: (page, go) => go('/account').then(() => heading(page)),
  settings: (page, go) => go('/settings').then(() => page.getByRole('radio').first().waitFor()),
  'agent that may not be seen': (page, go) =>
    go('/agents/01999999-9999-7999-8999-999999999999').then(() => page.getByRole('alert').waitFor()),
  'pending approval': (page, go) =>
    go(`/agents/${world.instance.id}?session=${world.waiting}`).then(() => page.getByTestId('approval-card').waitFor()),
  answer: (page, go) =>
    go(`/agents/${world.instance.id}?session=${world.answered}`).then(() => page.getByText('the graph').waitFor()),
  'new session': async (page) => {
    await button(page, 'New session').click();
    await page.getByText('What should Web cluster do?').waitFor();
  },
  sessions: async (page) => {
    await button(page, 'Sessions').click();
    await page.getByRole('dialog').getByText('Restart nginx').first().waitFor();
  },
  iAgent: (page, go) => go('/assistant').then(() => page.getByTestId('composer').waitFor()),
};

/** States that open from the list of agents. */
const agent = (page: Page) =>
  page
    .getByRole('listitem')
    .filter({ has: page.getByTestId('agent-card') })
    .first();
const manage =
  (item: string): State =>
  async (page) => {
    await agent(page)
      .getByRole('button', { name: /^Manage/ })
      .click();
    await page.getByRole('menuitem', { name: item }).click();
    await page.getByRole('dialog').getByRole('button').nth(1).waitFor();
  };
const openStates: Record<string, State> = {
  palette: (page) => page.keyboard.press('ControlOrMeta+k').then(() => page.getByRole('option').first().waitFor()),
  shortcuts: (page) => page.keyboard.press('?').then(() => page.getByRole('dialog').waitFor()),
  approvals: (page) =>
    page
      .getByTestId('waiting')
      .click()
      .then(() => page.getByTestId('waiting-card').waitFor()),
  'menu of the user': (page) =>
    page
      .getByTestId('user-menu')
      .click()
      .then(() => page.getByRole('menu').waitFor()),
  'menu of an agent': (page) =>
    agent(page)
      .getByRole('button', { name: /^Manage/ })
      .click()
      .then(() => page.getByRole('menu').waitFor()),
  details: manage('Status, model, logs'),
  rename: manage('Rename'),
  remove: manage('Remove'),
  'new agent': (page) =>
    button(page, 'New agent')
      .click()
      .then(() => page.getByRole('dialog').getByLabel('Name', { exact: true }).waitFor()),
  share: (page) =>
    agent(page)
      .getByRole('button', { name: /^Share/ })
      .click()
      .then(() => page.getByText('Shared with').waitFor()),
  rules: (page) =>
    agent(page)
      .getByRole('button', { name: /rules/ })
      .click()
      .then(() => button(page, 'Add rule').click()),
};

/** Returns the violations, and those of the contrast in the dark theme. A dialog or menu hides the page behind it. */
async function check(page: Page) {
  const overlay = page.locator('[role$=dialog], [role=menu]');
  const scope = (await overlay.count()) > 0 ? '[role$=dialog], [role=menu]' : 'body';
  const setTheme = (theme: string) =>
    page.evaluate(async (theme) => {
      document.documentElement.dataset.theme = theme;
      // Inherited colors change in a chain of short transitions, which would be measured half way.
      do await new Promise(requestAnimationFrame);
      while (document.getAnimations().length > 0);
    }, theme);
  await setTheme('light');
  const violations = await listViolations(page, 'html', { rules: { 'color-contrast': { enabled: false } } });
  const contrast = { runOnly: { type: 'rule', values: ['color-contrast'] } } satisfies RunOptions;
  const light = await listViolations(page, scope, contrast);
  await setTheme('dark');
  const dark = await listViolations(page, scope, contrast);
  return [...violations, ...light, ...dark.map((violation) => `dark ${violation}`)];
}

for (const [screen, options] of Object.entries(screens)) {
  test.runIf(hasBrowser)(`axe finds no violation on any page, ${screen}`, async () => {
    const found: Record<string, string[]> = {};
    const reducedMotion = { reducedMotion: 'reduce' as const, ...options };
    const guest = await (await browser.newContext(reducedMotion)).newPage();
    const page = await openPage(browser, { url: world.app.url, cookie: world.user.cookie }, faults, reducedMotion);
    const visit = async (page: Page, name: string, state: State) => {
      await state(page, (path) => open(page, path));
      const violations = await check(page);
      if (violations.length > 0) found[name] = violations;
    };
    await pageStates.agents!(page, (path) => open(page, path));
    for (const [name, state] of Object.entries(openStates)) {
      await visit(page, name, state);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').or(page.getByRole('menu')).waitFor({ state: 'detached' });
    }
    for (const [name, state] of Object.entries(guestStates)) await visit(guest, name, state);
    for (const [name, state] of Object.entries(pageStates)) await visit(page, name, state);
    expect(found).toEqual({});
    await page.context().close();
    await guest.context().close();
  });
}
