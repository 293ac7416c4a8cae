import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { dataFolder, kill, npmStart } from '@it0/tests/support/npm-start';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

// Two real gateways, which take a minute where there is little to start them on.
const STARTS_MS = 120_000;

test.runIf(hasBrowser)(
  'a second agent is made in the browser, turns live, answers, recovers, stops and is removed',
  {
    timeout: 400_000,
  },
  async () => {
    await using folder = dataFolder();
    const { link } = await npmStart(folder.path);
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(link);
    const card = page.getByTestId('agent-card').filter({ hasText: 'Second one' });
    const turns = (status: string) => card.getByText(status, { exact: true }).waitFor({ timeout: STARTS_MS });
    const choose = async (item: string) => {
      await page.getByRole('button', { name: 'Manage Second one' }).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
    };

    const instances = join(folder.path, 'instances');
    // iAgent's folder lies beside the agents'.
    const agents = () => readdirSync(instances).filter((id) => id !== 'assistant');
    const first = await until(() => existsSync(instances) && agents()[0]);
    await page.getByRole('button', { name: 'New agent' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Second one');
    await page.getByRole('button', { name: 'Create' }).click();
    await turns('Deploying');
    await turns('Running');
    const own = agents().find((id) => id !== first)!;
    await card.click();
    const composer = page.getByRole('textbox');
    await composer.fill('What can you do?');
    await composer.press('Enter');
    const reply = page.getByTestId('reply').last();
    await until(async () => (await reply.getAttribute('data-status')) === 'COMPLETED', 30_000);
    await page.goto(new URL('/', link).href);

    const gateway = JSON.parse(readFileSync(join(instances, own, 'gateway.json'), 'utf8')) as { pid: number };
    kill(gateway.pid, 'SIGKILL');
    await turns('Deploying');
    await turns('Running');

    await choose('Status, model, logs');
    const details = page.getByRole('dialog');
    await details
      .getByText(/gateway ready/)
      .first()
      .waitFor();
    await until(async () => /\d MB/.test(await details.innerText()), 20_000);
    await details.getByRole('combobox', { name: 'Model' }).selectOption('scripted');
    await details.getByRole('button', { name: 'Test' }).click();
    await details.getByText('The model answers').waitFor();
    await page.keyboard.press('Escape');

    await choose('Stop');
    await turns('Stopped');
    await choose('Remove');
    const ask = page.getByRole('dialog');
    await ask.getByRole('textbox').fill('Second');
    await ask.getByRole('button', { name: 'Remove for good' }).click();
    await ask.getByText('This is not the name').waitFor();
    await ask.getByRole('textbox').fill('Second one');
    await ask.getByRole('button', { name: 'Remove for good' }).click();
    await card.waitFor({ state: 'detached' });
    await until(() => !existsSync(join(instances, own)), 30_000);
    expect(agents()).toEqual([first]);
    expect(faults).toEqual([]);
  },
);
