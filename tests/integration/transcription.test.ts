import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { MAX_SPEECH_BYTES, TRANSCRIPTIONS_PATH } from '@it0/contracts/transcription';
import { encodeWav, SAMPLE_RATE } from '@it0/contracts/wav';
import { type TestApp, type TestUser, testApp } from '@it0/tests/support/app';
import { expect, test } from 'vitest';

/** Records a tone. */
const record = (hertz: number, seconds = 1) =>
  encodeWav(
    Int16Array.from({ length: seconds * SAMPLE_RATE }, (_, index) =>
      Math.round(8_000 * Math.sin((2 * Math.PI * hertz * index) / SAMPLE_RATE)),
    ),
  );

async function transcribe(
  { url }: TestApp,
  { bearer }: TestUser,
  body: BodyInit,
  { language = 'en', type = 'audio/wav' } = {},
) {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': type };
  const response = await fetch(`${url}${TRANSCRIPTIONS_PATH}?language=${language}`, { method: 'POST', headers, body });
  return { status: response.status, body: (await response.json()) as object };
}

test('recorded speech becomes text in its language', async () => {
  await using app = await testApp({ speech: 'scripted' });
  const user = await app.newUser({ role: 'viewer' });
  expect(await app.client(user).voice.status.query()).toEqual({ transcription: { host: null } });
  expect(await transcribe(app, user, record(440))).toEqual({ status: 200, body: { text: 'status' } });
  expect(await transcribe(app, user, record(440), { language: 'zh' })).toMatchObject({ body: { text: '状态' } });
  expect(await transcribe(app, user, record(300, 2.5))).toMatchObject({
    body: { text: expect.stringContaining('2.5') },
  });
  expect(await transcribe(app, user, record(698))).toEqual({ status: 200, body: { text: '' } });
});

test('a failure of the provider has a reason, and retryAfter when the provider is busy', async () => {
  await using app = await testApp({ speech: 'scripted' });
  const user = await app.newUser();
  const unavailable = { status: 502, body: { reason: 'TRANSCRIPTION_UNAVAILABLE' } };
  expect(await transcribe(app, user, record(831))).toMatchObject(unavailable);
  expect(await transcribe(app, user, record(987))).toMatchObject({ ...unavailable, body: { retryAfter: 7 } });
});

test('invalid recordings are refused', async () => {
  await using app = await testApp({ speech: 'scripted' });
  const user = await app.newUser();
  const invalid = { status: 400, body: { reason: 'INVALID_INPUT' } };
  expect(await transcribe(app, user, 'RIFF')).toMatchObject(invalid);
  expect(await transcribe(app, user, record(440).slice(0, -1))).toMatchObject(invalid);
  expect(await transcribe(app, user, record(440), { language: 'klingon' })).toMatchObject(invalid);
  expect(await transcribe(app, user, record(440), { type: 'text/plain' })).toMatchObject({ status: 415 });
  const tooLong = new Uint8Array(MAX_SPEECH_BYTES + 1);
  expect(await transcribe(app, user, tooLong)).toMatchObject({ status: 413, body: { reason: 'BODY_TOO_LARGE' } });
});

test('without speech recognition a recording is refused', async () => {
  await using app = await testApp();
  const user = await app.newUser();
  expect(await app.client(user).voice.status.query()).toEqual({ transcription: null });
  expect(await transcribe(app, user, record(440))).toMatchObject({
    status: 409,
    body: { reason: 'TRANSCRIPTION_OFF' },
  });
});

test('recordings per minute are limited', async () => {
  await using app = await testApp({ speech: 'scripted' });
  const user = await app.newUser();
  const silence = encodeWav(new Int16Array(SAMPLE_RATE));
  const statuses = [];
  for (let index = 0; index < 21; index++) statuses.push((await transcribe(app, user, silence)).status);
  expect(statuses).toEqual([...Array(20).fill(200), 429]);
});

/** Starts a provider that sends `answer` and records its requests. */
async function startProvider(answer: { status: number; headers?: Record<string, string>; body: string }) {
  const requests: { url?: string; authorization?: string; form: string }[] = [];
  const server = createServer(async (request, response) => {
    const { url, headers } = request;
    requests.push({ url, authorization: headers.authorization, form: (await buffer(request)).toString('latin1') });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const speech = (url: string) => ({ url, key: 'provider-key', model: 'm', host: 'speech.example' });

test('the provider receives the recording, model, language and key, and its text loses control characters', async () => {
  await using provider = await startProvider({ status: 200, body: JSON.stringify({ text: ' a\u001b[2Jb\u0000 ' }) });
  await using app = await testApp({ speech: speech(provider.url) });
  const user = await app.newUser();
  expect(await transcribe(app, user, record(440), { language: 'zh' })).toEqual({
    status: 200,
    body: { text: 'ab\uFFFD' },
  });
  expect(provider.requests).toMatchObject([{ url: '/v1/audio/transcriptions', authorization: 'Bearer provider-key' }]);
  const { form } = provider.requests[0]!;
  for (const part of ['filename="audio.wav"', 'name="model"\r\n\r\nm\r\n', 'name="language"\r\n\r\nzh\r\n', 'RIFF'])
    expect(form).toContain(part);
});

test('silence is not sent to the provider', async () => {
  await using provider = await startProvider({ status: 200, body: '{"text":"Thanks for watching!"}' });
  await using app = await testApp({ speech: speech(provider.url) });
  const user = await app.newUser();
  const result = await transcribe(app, user, encodeWav(new Int16Array(2 * SAMPLE_RATE)));
  expect(result).toEqual({ status: 200, body: { text: '' } });
  expect(provider.requests).toEqual([]);
});

test.each([
  ['an error', { status: 500, body: 'x' }],
  ['a page', { status: 200, body: '<html>' }],
  ['JSON of another form', { status: 200, body: '{"words":[]}' }],
  ['an endless text', { status: 200, body: JSON.stringify({ text: 'x'.repeat(2_000_000) }) }],
  ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: '' }],
])('%s of the provider is TRANSCRIPTION_UNAVAILABLE', async (_name, answer) => {
  await using provider = await startProvider(answer);
  await using app = await testApp({ speech: speech(provider.url) });
  const user = await app.newUser();
  const result = await transcribe(app, user, record(440));
  expect(result).toMatchObject({ status: 502, body: { reason: 'TRANSCRIPTION_UNAVAILABLE' } });
  expect(JSON.stringify(result)).not.toContain('provider-key');
});
