import { fileURLToPath } from 'node:url';
import { approvalReport } from '@it0/tests/support/approval';
import { browserHint, hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { createFixture } from '@it0/tests/support/fixture';
import { openPage } from '@it0/tests/support/open-page';
import { until } from '@it0/tests/support/until';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

// Uses the real page and server, with a fake bridge.
type World = Awaited<ReturnType<typeof createFixture>>;
const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
const phone = { width: 390, height: 780 };
const faults: string[] = [];
let browser: Browser;

if (!hasBrowser) process.stdout.write(`${browserHint}\n`);
const inBrowser = test.runIf(hasBrowser);

beforeAll(async () => {
  if (hasBrowser) browser = await launchBrowser();
});
afterAll(() => browser?.close());
afterEach(() => expect(faults.splice(0)).toEqual([]));

/** Opens browsers of signed-in people, and closes them before the server. */
function browsers({ app }: World) {
  const stack = new AsyncDisposableStack();
  return {
    async open({ cookie }: { cookie: string }, viewport?: typeof phone) {
      const page = await openPage(browser, { url: app.url, cookie }, faults, viewport && { viewport });
      stack.defer(() => page.context().close());
      return page;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function requestApproval(
  { bridge, send }: World,
  command: string,
  overrides: Parameters<typeof approvalReport>[0] = {},
) {
  const sent = await send();
  const approvalRequest = approvalReport({ command, cwd: '/srv', expiresInMs: 600_000, ...overrides });
  await bridge.report(sent.task, { type: 'task', status: 'RUNNING' }, approvalRequest);
  return { ...sent, approvalRequest };
}

const bell = (page: Page) => page.getByTestId('waiting').filter({ visible: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const card = (page: Page, command: string) => page.getByTestId('waiting-card').filter({ hasText: command });
const waitForCount = (page: Page, count: number) =>
  until(async () => (await bell(page).getAttribute('data-count')) === `${count}`);
const icon = (page: Page) => page.locator('link[rel=icon]').getAttribute('href');

inBrowser('pending approvals of all sessions are listed in the header and can be decided there', async () => {
  await using world = await createFixture({ webDir });
  await using people = browsers(world);
  const { app, client, bridge, instance } = world;
  await client.instance.share.mutate({ instanceId: instance.id, with: { role: 'operator' } });
  const grace = await app.newUser({ role: 'operator', name: 'Grace' });
  const page = await people.open(world.user);
  const phonePage = await people.open(grace, phone);
  await waitForCount(page, 0);
  expect(await icon(page)).toBe('/icon.svg');

  const { approvalRequest, sessionId } = await requestApproval(world, 'df -h');
  await requestApproval(world, 'systemctl restart nginx');
  await Promise.all([waitForCount(page, 2), waitForCount(phonePage, 2)]);
  expect(await icon(page)).toBe('/icon-waiting.svg');

  // One person uses only the keyboard, the other a phone.
  await bell(page).focus();
  await page.keyboard.press('Enter');
  await card(page, 'df -h').getByText(instance.name).waitFor();
  await bell(phonePage).click();
  await card(phonePage, 'df -h').getByRole('button', { name: 'Allow once' }).click();
  await card(page, 'df -h').getByText('Allowed by Grace').waitFor();
  expect(bridge.decisions).toEqual([{ id: approvalRequest.approvalId, decision: 'allow-once' }]);
  await card(page, 'df -h').waitFor({ state: 'detached' });
  await waitForCount(phonePage, 1);

  await card(page, 'nginx').getByRole('button', { name: 'Deny' }).click();
  await card(page, 'nginx').getByText('Denied by Ada').waitFor();
  await page.getByText('Nothing is pending.').waitFor();
  expect(await icon(page)).toBe('/icon.svg');

  await requestApproval(world, 'reboot');
  await card(phonePage, 'reboot').getByRole('link').click();
  await phonePage.getByTestId('approval-card').getByText('reboot').waitFor();
  expect(new URL(phonePage.url()).searchParams.get('session')).not.toBe(sessionId);
  // A chat hides the header on a phone, but has the bell too.
  expect(await bell(phonePage).getAttribute('aria-label')).toBe('Approvals: 1 pending');
  expect(await phonePage.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width);
});

const ruleRow = (page: Page, position: number) => page.getByTestId('rule').nth(position - 1);
async function addRules(page: Page, ...patterns: string[]) {
  for (const pattern of patterns) {
    const position = (await page.getByTestId('rule').count()) + 1;
    await button(page, 'Add rule').click();
    await page.getByLabel(`Pattern of rule ${position}`).fill(pattern);
  }
}

inBrowser('an owner can write and test rules, which are then applied', async () => {
  await using world = await createFixture({ webDir });
  await using people = browsers(world);
  const { bridge, client, instance } = world;
  const page = await people.open(world.user, phone);
  await button(page, `Approval rules of ${instance.name}`).click();
  await page.getByText('No rules: a person is asked').waitFor();
  await addRules(page, 'df **', 'df -i ');
  await page.getByLabel('Action of rule 2').selectOption('Deny');
  await button(page, 'Move rule 2 up').click();
  const testCommand = async (command: string) => {
    await page.getByLabel('Would this command run?').fill(command);
    return page.getByTestId('tested').innerText();
  };
  expect(await testCommand('df -i')).toBe('It is denied, by rule 1.');
  expect(await testCommand('/bin/df "-i"')).toBe('It is denied, by rule 1.');
  expect(await testCommand('df -h')).toBe('It runs, by rule 2.');
  expect(await testCommand('df -h; reboot')).toBe('It asks: no rule matches.');
  expect(await testCommand('df $HOME')).toBe('It asks: it is not certain whether rule 1 applies.');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(phone.width);
  await button(page, 'Save').click();
  await page.getByText('Rules saved').waitFor();
  expect((await client.approval.rules.query({ instanceId: instance.id })).rules).toEqual([
    { kind: 'exec', pattern: 'df -i', action: 'deny' },
    { kind: 'exec', pattern: 'df **', action: 'allow' },
  ]);

  const { approvalRequest, sessionId } = await requestApproval(world, 'df -h');
  await until(() => bridge.decisions.length > 0);
  expect(bridge.decisions).toEqual([{ id: approvalRequest.approvalId, decision: 'allow-once' }]);
  await page.goto(`${world.app.url}/agents/${instance.id}?session=${sessionId}`);
  await page.getByText('Allowed by the rule “df **”').waitFor();
});

inBrowser('a rule is explained with examples, and one that matches nothing cannot be saved', async () => {
  await using world = await createFixture({ webDir });
  await using people = browsers(world);
  const page = await people.open(world.user);
  await button(page, `Approval rules of ${world.instance.name}`).click();
  await addRules(page, 'rm -rf /srv/tmp/*');
  const meaning = ruleRow(page, 1).getByTestId('meaning');
  await meaning.getByText('Allows this program with exactly these words').waitFor();
  await meaning.getByText('never .. in a path').waitFor();
  const examples = () => meaning.locator('code').allInnerTexts();
  expect(await examples()).toEqual([
    ...['rm -rf /srv/tmp/a', 'rm -rf /srv/tmp/a/b.txt', 'rm -rf /srv/tmp/x.log'],
    ...['rm -rf /srv/tmp/../../etc', 'rm -rf /srv/tmp/a /etc/passwd', 'rm -rf /srv/tmp/a; reboot'],
  ]);
  await page.getByLabel('Action of rule 1').selectOption('Deny');
  await meaning.getByText('at any path and in any spelling').waitFor();
  expect(await examples()).toContain('/usr/bin/rm -rf /srv/tmp/a');
  await page.getByLabel('Action of rule 1').selectOption('Allow');
  await page.getByLabel('Pattern of rule 1').fill('rm* -rf /srv');
  await ruleRow(page, 1).getByText('Name the program').waitFor();
  expect(await button(page, 'Save').isDisabled()).toBe(true);
});

inBrowser('concurrent changes of a list in two windows are merged', async () => {
  await using world = await createFixture({ webDir });
  await using people = browsers(world);
  const { client, instance } = world;
  const [one, other] = [await people.open(world.user), await people.open(world.user, phone)];
  for (const page of [one, other]) {
    await button(page, `Approval rules of ${instance.name}`).click();
    await page.getByText('No rules: a person is asked').waitFor();
  }
  await addRules(one, 'shutdown **');
  await one.getByLabel('Action of rule 1').selectOption('Deny');
  await addRules(other, 'df **');
  await button(one, 'Save').click();
  await one.getByText('Rules saved').waitFor();
  await button(other, 'Save').click();

  const conflict = other.getByTestId('conflict');
  await conflict.getByText('shutdown **').waitFor();
  await until(() => conflict.evaluate((element) => element.getBoundingClientRect().top >= 0));
  const patterns = () =>
    other
      .getByTestId('rule')
      .locator('input')
      .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
  expect(await patterns()).toEqual(['shutdown **', 'df **']);
  await button(other, 'Save').click();
  await other.getByText('Rules saved').waitFor();
  const shutdown = { kind: 'exec', pattern: 'shutdown **', action: 'deny' };
  const df = { kind: 'exec', pattern: 'df **', action: 'allow' };
  expect((await client.approval.rules.query({ instanceId: instance.id })).rules).toEqual([shutdown, df]);
  // Browsers log every response with an error status.
  expect(faults.splice(0)).toEqual([expect.stringContaining('409')]);
});

inBrowser('warnings about a command are shown in the list and in the chat', async () => {
  await using world = await createFixture({ webDir });
  await using open = browsers(world);
  const unusual = { agentConfiguration: true, warning: 'The folder belongs to another user.' };
  await requestApproval(world, 'git log', unusual);
  const page = await open.open(world.user);
  await bell(page).click();
  await card(page, 'git log').getByText('The agent wrote configuration').waitFor();
  await card(page, 'git log').getByText(unusual.warning).waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('agent-card').click();
  const inChat = page.getByTestId('approval-card');
  await inChat.getByText('The agent wrote configuration').waitFor();
  await inChat.getByRole('button', { name: 'Allow once' }).click();
  await until(() => world.bridge.decisions.length > 0);
  expect(world.bridge.decisions).toMatchObject([{ decision: 'allow-once' }]);
});
