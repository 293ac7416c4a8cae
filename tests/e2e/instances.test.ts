import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCommandLine, sendSignal } from '@it0/node/process';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { dataFolder, listProcesses, npmStart } from '@it0/tests/support/npm-start';
import { openSignInLink } from '@it0/tests/support/sign-in-link';
import { until } from '@it0/tests/support/until';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';

// Two real gateways, which take minutes to start on a small machine.
const STARTS_MS = 600_000;

const listFolders = (path: string) =>
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
    const waitForStatus = (status: string, one = card) =>
      one.getByText(status, { exact: true }).waitFor({ timeout: STARTS_MS });
    /** Sends a message in one of the chats on the page, and waits for the complete reply. */
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
    // The folder of iAgent is not a tenant's.
    const agents = () =>
      listFolders(instances)
        .filter((tenantId) => tenantId !== 'assistant')
        .flatMap((tenantId) => listFolders(join(instances, tenantId)).map((id) => join(tenantId, id)));
    const first = await until(() => existsSync(instances) && agents()[0]);
    await page.getByRole('button', { name: 'New agent' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Second one');
    await page.getByRole('button', { name: 'Create' }).click();
    await waitForStatus('Deploying');
    await waitForStatus('Running');
    const created = agents().find((id) => id !== first)!;
    await card.click();
    await ask(page.getByRole('region', { name: 'Second one' }), 'What can you do?');
    await page.getByRole('button', { name: 'iAgent beside this chat' }).click();
    const assistant = page.getByRole('region', { name: 'iAgent' });
    const reply = await ask(assistant, 'Which instance is idle?');
    await reply.getByText('Second one').first().waitFor();
    await firstCard.click();
    const name = (await firstCard.locator('span.font-semibold').first().textContent())!;
    await ask(page.getByRole('region', { name }), 'What can you do?');
    // The chat with iAgent stays open, with its own session.
    await assistant.getByTestId('reply').getByText('Second one').first().waitFor();
    await page.goto(new URL('/', link).href);

    const gateways = listProcesses(join(instances, first)).filter((pid) =>
      readCommandLine(pid).includes('openclaw-gateway'),
    );
    expect(gateways).toHaveLength(1);
    sendSignal(gateways[0]!, 'SIGKILL');
    await waitForStatus('Deploying', firstCard);
    await waitForStatus('Running', firstCard);
    await waitForStatus('Running');

    await choose('Status, model, logs');
    const details = page.getByRole('dialog');
    await details
      .getByText(/gateway ready/)
      .first()
      .waitFor();
    await until(async () => /\d MB/.test(await details.innerText()));
    expect(await details.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('server');
    await details.getByRole('button', { name: 'Test' }).click();
    await details.getByText('The model responds').waitFor();
    await page.keyboard.press('Escape');

    await choose('Stop');
    await waitForStatus('Stopped');
    await choose('Remove');
    const confirmation = page.getByRole('dialog');
    await confirmation.getByRole('textbox').fill('Second');
    await confirmation.getByRole('button', { name: 'Remove permanently' }).click();
    await confirmation.getByText('The name does not match').waitFor();
    await confirmation.getByRole('textbox').fill('Second one');
    await confirmation.getByRole('button', { name: 'Remove permanently' }).click();
    await card.waitFor({ state: 'detached' });
    await until(() => !existsSync(join(instances, created)));
    expect(agents()).toEqual([first]);
    expect(faults).toEqual([]);
  },
);
