import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { createChatStore } from '../chat-store.ts';
import { MemorySource } from '../memory-source.fixture.ts';
import { createMemoryEdits } from './message-edits.ts';

const attachment = { id: 'a0', name: 'hosts.txt', mediaType: 'text/plain', size: 5 };

/** Opens a session with two messages on a page that stores edits in `storage`. */
async function openPage(storage = createMemoryEdits()) {
  const source = new MemorySource();
  for (const id of ['s', 'other']) {
    source.session(id).ask(`${id}-1`, `${id}-r1`, 'Restart web-1');
    source.session(id).ask(`${id}-2`, `${id}-r2`, 'Thanks');
  }
  const chat = createChatStore(source, { edits: storage });
  const open = async (sessionId: string) => {
    chat.open(sessionId);
    await until(() => chat.getState().phase === 'ready');
  };
  await open('s');
  return { source, chat, storage, open, shows: () => chat.getState().edit };
}

test('the text and the files of an edited message are there again after a reload', async () => {
  const { chat, storage, shows } = await openPage();
  chat.edits.start('s-1', { text: 'Restart web-1', attachments: [attachment] });
  expect(shows()).toMatchObject({ taskId: 's-1', isRestored: false, files: [{ name: 'hosts.txt', state: 'ready' }] });
  chat.edits.setText('Restart web-2');
  chat.edits.attach([new File(['x'], 'more.txt')]);
  await until(() => shows()?.files.every(({ state }) => state === 'ready'));
  chat.edits.detach(shows()!.files[0]!.key);

  const reloaded = await openPage(storage);
  expect(reloaded.shows()).toMatchObject({
    ...{ taskId: 's-1', text: 'Restart web-2', isRestored: true },
    files: [{ name: 'more.txt', state: 'ready' }],
  });
  reloaded.chat.edits.end('s-1');
  expect(reloaded.shows()).toBeNull();
  expect((await openPage(storage)).shows()).toBeNull();
});

test('each session has its own edited message, which can end while another session is open', async () => {
  const { chat, open, shows, storage } = await openPage();
  chat.edits.start('s-1', { text: 'one', attachments: [] });
  await open('other');
  expect(shows()).toBeNull();
  chat.edits.start('other-2', { text: 'two', attachments: [] });
  await open('s');
  expect(shows()).toMatchObject({ taskId: 's-1', text: 'one' });
  chat.edits.end('other-2');
  expect([shows()?.text, storage.read('other')]).toEqual(['one', null]);
});

test('an edit of another message replaces the one before, with its files and its uploads', async () => {
  const { chat, source, shows } = await openPage();
  chat.edits.start('s-1', { text: 'one', attachments: [attachment] });
  const resume = source.hold();
  chat.edits.attach([new File(['x'], 'more.txt')]);
  chat.edits.start('s-2', { text: 'two', attachments: [] });
  expect(source.uploads[0]?.signal.aborted).toBe(true);
  resume();
  expect(shows()).toMatchObject({ taskId: 's-2', text: 'two', files: [] });
});

test('a new session has no message to edit', () => {
  const chat = createChatStore(new MemorySource());
  chat.startNew();
  chat.edits.start('t', { text: 'x', attachments: [] });
  expect(chat.getState().edit).toBeNull();
});
