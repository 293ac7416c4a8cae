import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from '@it0/db/embedded/command-of';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { dataFolder, kill, listProcesses, npmStart } from '@it0/tests/support/npm-start';
import { openSignInLink } from '@it0/tests/support/sign-in-link';
import { until } from '@it0/tests/support/until';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';

// Two real gateways, which take a minute where there is little to start them on.
const STARTS_MS = 600_000;

const foldersIn = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

test.runIf(hasBrowser)(
  'a second agent is created in the browser, both reply beside iAgent, one recovers, one stops and is removed',
  async () => {
    await using folder = dataFolder();
    const { link } = await npmStart(folder.path);
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await openSignInLink(page, link);
    const cards = page.getByTestId('agent-card');
    const card = cards.filter({ hasText: 'Second one' });
    const firstCard = cards.filter({ hasNotText: 'Second one' });
    const turns = (status: string, one = card) =>
      one.getByText(status, { exact: true }).waitFor({ timeout: STARTS_MS });
    /** Asks in one of the chats on the page, and waits for the whole reply. */
    const ask = async (chat: Locator, message: string) => {
      await chat.getByTestId('composer').fill(message);
      await chat.getByTestId('composer').press('Enter');
      const reply = chat.getByTestId('reply').last();
      await until(async () => (await reply.getAttribute('data-status')) === 'COMPLETED');
      return reply;
    };
    const choose = async (item: string) => {
      await page.getByRole('button', { name: 'Manage Second one' }).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
    };

    const instances = join(folder.path, 'instances');
    // iAgent's folder lies beside the agents'.
    const agents = () =>
      foldersIn(instances)
        .filter((tenantId) => tenantId !== 'assistant')
        .flatMap((tenantId) => foldersIn(join(instances, tenantId)).map((id) => join(tenantId, id)));
    const first = await until(() => existsSync(instances) && agents()[0]);
    await page.getByRole('button', { name: 'New agent' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Second one');
    await page.getByRole('button', { name: 'Create' }).click();
    await turns('Deploying');
    await turns('Running');
    const own = agents().find((id) => id !== first)!;
    await card.click();
    await ask(page.getByRole('region', { name: 'Second one' }), 'What can you do?');
    await page.getByRole('button', { name: 'iAgent beside this chat' }).click();
    const beside = page.getByRole('region', { name: 'iAgent' });
    const told = await ask(beside, 'Which instance is idle?');
    await told.getByText('Second one').first().waitFor();
    await firstCard.click();
    const name = (await firstCard.locator('span.font-semibold').first().textContent())!;
    await ask(page.getByRole('region', { name }), 'What can you do?');
    // iAgent has stayed where it was, with its own conversation.
    await beside.getByTestId('reply').getByText('Second one').first().waitFor();
    await page.goto(new URL('/', link).href);

    const gateways = listProcesses(join(instances, first)).filter((pid) => commandOf(pid).includes('openclaw-gateway'));
    expect(gateways).toHaveLength(1);
    kill(gateways[0]!, 'SIGKILL');
    await turns('Deploying', firstCard);
    await turns('Running', firstCard);
    await turns('Running');

    await choose('Status, model, logs');
    const details = page.getByRole('dialog');
    await details
      .getByText(/gateway ready/)
      .first()
      .waitFor();
    await until(async () => /\d MB/.test(await details.innerText()));
    expect(await details.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('server');
    await details.getByRole('button', { name: 'Test' }).click();
    await details.getByText('The model answers').waitFor();
    await page.keyboard.press('Escape');

    await choose('Stop');
    await turns('Stopped');
    await choose('Remove');
    const sure = page.getByRole('dialog');
    await sure.getByRole('textbox').fill('Second');
    await sure.getByRole('button', { name: 'Remove for good' }).click();
    await sure.getByText('This is not the name').waitFor();
    await sure.getByRole('textbox').fill('Second one');
    await sure.getByRole('button', { name: 'Remove for good' }).click();
    await card.waitFor({ state: 'detached' });
    await until(() => !existsSync(join(instances, own)));
    expect(agents()).toEqual([first]);
    expect(faults).toEqual([]);
  },
);
