import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { createChatStore } from '../chat-store.ts';
import { MemorySource, requestError } from '../memory-source.fixture.ts';
import { createMemoryDrafts, type LocalDrafts } from './local-drafts.ts';

/** Creates devices of one person. Their saves run when the test calls `save`. */
function setUp() {
  const source = new MemorySource();
  source.session('s');
  async function openDevice(drafts: LocalDrafts = createMemoryDrafts()) {
    const due = new Set<() => void>();
    const saveDelay = (task: () => void) => {
      due.add(task);
      return () => void due.delete(task);
    };
    const chat = createChatStore(source, { drafts, saveDelay, retry: () => saveDelay, schedule: saveDelay });
    chat.open('s');
    await until(() => chat.getState().phase === 'ready');
    const run = () => {
      for (const task of [...due]) {
        due.delete(task);
        task();
      }
    };
    const shows = () => {
      const { draft, otherDraft } = chat.getState();
      return otherDraft ? [draft, otherDraft.text] : draft;
    };
    return { chat, drafts, due, run, shows };
  }
  const isSaved = (text: string) => until(() => source.draft('s').text === text);
  return { source, openDevice, isSaved };
}

test('a draft is saved after a moment, and shown by the other device at once', async () => {
  const { source, openDevice, isSaved } = setUp();
  const [phone, laptop] = [await openDevice(), await openDevice()];
  phone.chat.setDraft('resta');
  phone.chat.setDraft('restart');
  expect(source.calls.filter((call) => call.startsWith('saveDraft'))).toEqual([]);
  phone.run();
  await isSaved('restart');
  expect(laptop.shows()).toBe('restart');
  laptop.chat.setDraft('restart nginx');
  laptop.run();
  await isSaved('restart nginx');
  expect(phone.shows()).toBe('restart nginx');
  expect((await openDevice()).shows()).toBe('restart nginx');
});

test('a text that was written meanwhile on another device replaces nothing, and can be chosen', async () => {
  const { source, openDevice, isSaved } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('from the phone');
  source.writeDraft('s', { text: 'from the laptop', attachments: [] });
  expect(phone.shows()).toEqual(['from the phone', 'from the laptop']);
  phone.chat.setDraft('from the phone, longer');
  phone.run();
  expect(source.draft('s').text).toBe('from the laptop');
  phone.chat.showOtherDraft();
  expect(phone.shows()).toEqual(['from the laptop', 'from the phone, longer']);
  phone.chat.showOtherDraft();
  phone.run();
  await isSaved('from the phone, longer');
  expect(phone.shows()).toEqual(['from the phone, longer', 'from the laptop']);
  phone.chat.dropOtherDraft();
  expect(phone.shows()).toBe('from the phone, longer');
});

test('the text that is preferred to that of the other device is saved', async () => {
  const { source, openDevice, isSaved } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('mine');
  source.writeDraft('s', { text: 'other', attachments: [] });
  phone.chat.dropOtherDraft();
  expect(phone.shows()).toBe('mine');
  phone.run();
  await isSaved('mine');
});

test('a save that crosses one of another device replaces nothing', async () => {
  const { source, openDevice } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('mine');
  const resume = source.hold();
  phone.run();
  source.writeDraft('s', { text: 'other', attachments: [] });
  resume();
  await until(() => phone.chat.getState().otherDraft);
  expect(phone.shows()).toEqual(['mine', 'other']);
  expect(source.draft('s').text).toBe('other');
});

test('the draft is deleted with the message that is sent from it, on all devices', async () => {
  const { source, openDevice, isSaved } = setUp();
  const [phone, laptop] = [await openDevice(), await openDevice()];
  phone.chat.setDraft('uptime');
  phone.run();
  await isSaved('uptime');
  phone.chat.send('uptime');
  expect(phone.shows()).toBe('');
  await isSaved('');
  expect(laptop.shows()).toBe('');
  expect((await openDevice(phone.drafts)).shows()).toBe('');
  expect(source.calls.filter((call) => call.startsWith('saveDraft'))).toEqual(['saveDraft uptime']);
});

test('a message that is sent during the save of its draft waits for that, so that the draft does not return', async () => {
  const { source, openDevice, isSaved } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('uptime');
  const resume = source.hold();
  phone.run();
  phone.chat.send('uptime');
  resume();
  await until(() => source.tasks.size === 1);
  await isSaved('');
  expect(source.calls.slice(-2)).toEqual(['saveDraft uptime', 'createTask uptime']);
  phone.run();
  expect(phone.shows()).toBe('');
});

test('a text that is written while the message before it is sent stays a draft', async () => {
  const { source, openDevice, isSaved } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('one');
  phone.run();
  await isSaved('one');
  const resume = source.hold();
  phone.chat.send('one');
  phone.chat.setDraft('two');
  phone.run();
  resume();
  await until(() => phone.due.size > 0);
  phone.run();
  await isSaved('two');
  await until(() => source.tasks.size === 1);
  expect([source.draft('s').text, phone.shows()]).toEqual(['two', 'two']);
});

test('a draft that the server does not have remains on the device, and is saved when it is opened again', async () => {
  const { source, openDevice, isSaved } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('offline');
  source.errors.push(requestError(null));
  phone.run();
  await until(() => phone.due.size > 0);
  const later = await openDevice(phone.drafts);
  expect(later.shows()).toBe('offline');
  later.run();
  await isSaved('offline');
});

test('a text that another device has sent does not return from the storage of this one', async () => {
  const { source, openDevice } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('uptime');
  source.writeDraft('s', { text: '', attachments: [] });
  source.session('s').ask('t', 'r', 'uptime');
  expect((await openDevice(phone.drafts)).shows()).toBe('');
});

test('a save whose response was lost is no text of another device', async () => {
  const { source, openDevice, isSaved } = setUp();
  const phone = await openDevice();
  phone.chat.setDraft('one');
  source.lostResponses.push(requestError(null));
  const resume = source.hold();
  phone.run();
  phone.chat.setDraft('one more');
  resume();
  await isSaved('one');
  await until(() => phone.due.size > 0);
  phone.run();
  await isSaved('one more');
  expect(phone.shows()).toBe('one more');
});

test('the files of a draft are shown by the other device', async () => {
  const { openDevice, source } = setUp();
  const [phone, laptop] = [await openDevice(), await openDevice()];
  phone.chat.attach([new File(['x'], 'a.txt')]);
  await until(() => phone.chat.getState().files[0]?.state === 'ready');
  phone.run();
  await until(() => laptop.chat.getState().files.length === 1);
  expect(laptop.chat.getState().files).toMatchObject([{ name: 'a.txt', state: 'ready' }]);
  laptop.chat.detach(laptop.chat.getState().files[0]!.key);
  laptop.run();
  await until(() => phone.chat.getState().files.length === 0);
  expect(source.draft('s').attachments).toEqual([]);
});

test('drafts of other people’s sessions are neither shown nor followed', async () => {
  const { source, openDevice } = setUp();
  source.session('s').mine = false;
  source.writeDraft('s', { text: 'of its owner', attachments: [] });
  expect((await openDevice()).shows()).toBe('');
});
