import { fileURLToPath } from 'node:url';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { hasBrowser, launchBrowser } from '@it0/tests/support/browser';
import { openPage } from '@it0/tests/support/open-page';
import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';

const webDir = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));

/** A microphone with a tone, whose frequency tests set. The scripted speech server answers some frequencies. */
async function useTone(page: Page, hertz: number) {
  await page.evaluate((frequency) => {
    navigator.mediaDevices.getUserMedia = async () => {
      const context = new AudioContext();
      const destination = context.createMediaStreamDestination();
      const oscillator = context.createOscillator();
      const volume = context.createGain();
      oscillator.frequency.value = frequency;
      volume.gain.value = frequency > 0 ? 0.3 : 0;
      oscillator.connect(volume).connect(destination);
      oscillator.start();
      return destination.stream;
    };
  }, hertz);
}

const dictation = (page: Page) => page.getByTestId('dictation');
/** Waits until the recording has this duration. */
const recordUntil = (page: Page, time: string) => dictation(page).getByText(time).waitFor();

async function dictate(page: Page, hertz: number) {
  await useTone(page, hertz);
  await page.getByTestId('dictate').click();
  await recordUntil(page, '0:01');
  await page.getByTestId('dictation-done').click();
}

/** Opens a new session with a running agent. */
async function openChat(app: TestApp, browser: Browser, faults: string[], options: object = {}) {
  const user = await app.newUser();
  await app.newInstance(user);
  const page = await openPage(browser, { ...app, cookie: user.cookie }, faults, { locale: 'en', ...options });
  await page.locator('a').filter({ hasText: 'Web cluster' }).click();
  await page.getByTestId('composer').waitFor();
  return { page, user };
}

test.runIf(hasBrowser)('dictated text is inserted at the caret, is not sent, and is removed by one undo', async () => {
  await using app = await testApp({ webDir, speech: 'scripted' });
  await using browser = await launchBrowser();
  const faults: string[] = [];
  const { page } = await openChat(app, browser, faults);
  const composer = page.getByTestId('composer');
  await composer.fill('Before. After.');
  for (let index = 0; index < ' After.'.length; index++) await composer.press('ArrowLeft');
  await dictate(page, 440);
  await expect.poll(() => composer.inputValue()).toBe('Before. status After.');
  await composer.press('Control+z');
  expect(await composer.inputValue()).toBe('Before. After.');
  await expect.poll(() => dictation(page).count()).toBe(0);
  expect(await app.tenant.agentTask.count()).toBe(0);
  expect(faults).toEqual([]);
});

test.runIf(hasBrowser)('text goes to the draft that it was dictated for, when another session is opened', async () => {
  await using app = await testApp({ webDir, speech: 'scripted' });
  await using browser = await launchBrowser();
  const faults: string[] = [];
  const { page, user } = await openChat(app, browser, faults);
  await app
    .newInstance(user)
    .then(({ id }) => app.tenant.agentInstance.update({ where: { id }, data: { name: 'Mail relay' } }));
  await page.reload();
  await useTone(page, 554);
  await page.getByTestId('dictate').click();
  await recordUntil(page, '0:01');
  await page.locator('a').filter({ hasText: 'Mail relay' }).click();
  await page.getByText('was added to the draft for Web cluster').waitFor();
  expect(await page.getByTestId('composer').inputValue()).toBe('');
  await page.locator('a').filter({ hasText: 'Web cluster' }).click();
  await expect.poll(() => page.getByTestId('composer').inputValue()).toBe('Show the disk usage of web-1.');
  expect(faults).toEqual([]);
});

test.runIf(hasBrowser)('a recording survives a failure, and Escape discards it without closing the chat', async () => {
  await using app = await testApp({ webDir, speech: 'scripted' });
  await using browser = await launchBrowser();
  const { page } = await openChat(app, browser, [], { locale: 'zh-CN' });
  await dictate(page, 831);
  await dictation(page).getByText('语音识别服务没有响应').waitFor();
  await page.getByRole('button', { name: '重试' }).click();
  await dictation(page).getByText('语音识别服务没有响应').waitFor();
  await page.getByTestId('composer').press('Escape');
  await expect.poll(() => dictation(page).count()).toBe(0);
  await dictate(page, 0);
  await dictation(page).getByText('没有录到语音').waitFor();
  expect(await page.getByTestId('composer').isVisible()).toBe(true);
  expect(await page.getByTestId('composer').inputValue()).toBe('');
});

test.runIf(hasBrowser)('the page explains why it cannot record', async () => {
  await using app = await testApp({ webDir, speech: 'scripted' });
  await using browser = await launchBrowser();
  const { page } = await openChat(app, browser, []);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await page.getByTestId('dictate').click();
  await dictation(page).getByText('The browser blocks the microphone').waitFor();
  await page.evaluate(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }));
  await page.getByTestId('dictate').click();
  await dictation(page).getByText('only over HTTPS').waitFor();

  await using unconfigured = await testApp({ webDir });
  const other = await openChat(unconfigured, browser, []);
  await other.page.getByTestId('dictate').click();
  await other.page.getByText('VOICE_STT_URL').waitFor();
});
