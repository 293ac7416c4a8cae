import { fileURLToPath } from 'node:url';
import { testApp } from '@it0/tests/support/app';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { expect, test } from 'vitest';

const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));

test.runIf(hasBrowser)('the page names the supported keys when replies are scripted', async () => {
  await using app = await testApp({ webDir });
  const user = await app.newUser();
  const model = { name: 'scripted', scripted: true };
  await app.newAssistant({ model });
  const { id } = await app.newInstance(user);
  await app.tenant.agentInstance.update({ where: { id }, data: { scripted: true } });
  await using browser = await launchBrowser();
  const [name, value] = user.cookie.split('=') as [string, string];
  for (const [locale, title] of [
    ['en', 'Replies are scripted'],
    ['zh-CN', '回复由脚本生成'],
  ] as const) {
    const context = await browser.newContext({ locale });
    await context.addCookies([{ name, value, url: app.url }]);
    const page = await context.newPage();
    const readKeys = async (agent: string) => {
      await page.goto(app.url);
      await page.locator('a').filter({ hasText: agent }).click();
      const notice = page.getByText(title, { exact: true }).locator('..');
      return (await notice.innerText()).match(/\w+_API_KEY/g);
    };
    expect(await readKeys('iAgent')).toEqual(['ANTHROPIC_API_KEY']);
    expect(await readKeys('Web cluster')).toEqual(['ANTHROPIC_API_KEY', 'OPENAI_API_KEY']);
  }
});
