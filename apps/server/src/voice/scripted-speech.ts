import type { AddressInfo } from 'node:net';
import { SpeechLanguage } from '@it0/contracts/transcription';
import { parseWav, SAMPLE_RATE } from '@it0/contracts/wav';
import busboy from 'busboy';
import express, { type Request, type Response } from 'express';

/** A running scripted speech server. `url` serves OpenAI's API. */
export type ScriptedSpeech = AsyncDisposable & { url: string };

/**
 * What the scripted speech server answers to a marker tone, by its frequency in Hz: a text, or the status of an error.
 * The frequencies have no common multiples below 3 kHz, so that the overtones of one are not another.
 */
const TONES: Record<number, Record<SpeechLanguage, string> | number> = {
  440: { en: 'status', zh: '状态' },
  554: { en: 'Show the disk usage of web-1.', zh: '查看 web-1 的磁盘使用情况。' },
  698: { en: '', zh: '' },
  831: 401,
  987: 429,
};
/** Share of the energy at one frequency above which a recording is a tone. */
const TONE_SHARE = 0.5;

/**
 * Starts a speech recognition on loopback whose answers are scripted, so that dictation can be tried without a key.
 * Marker tones select the answer; any other sound is answered with its duration.
 */
export async function startScriptedSpeech(): Promise<ScriptedSpeech> {
  const app = express().disable('x-powered-by');
  app.post('/v1/audio/transcriptions', serveTranscription);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serveTranscription(request: Request, response: Response) {
  const { file, language } = await readForm(request);
  const samples = parseWav(file);
  if (!samples) return sendError(response, 400);
  const answer = TONES[findTone(samples) ?? 0];
  if (typeof answer === 'number') return sendError(response, answer);
  response.json({ text: answer?.[language] ?? describeDuration(samples.length / SAMPLE_RATE, language) });
}

function sendError(response: Response, status: number) {
  if (status === 429) response.set('retry-after', '7');
  response.status(status).json({ error: { message: `scripted error ${status}`, type: 'scripted' } });
}

const describeDuration = (seconds: number, language: SpeechLanguage) =>
  language === 'zh'
    ? `这是 ${seconds.toFixed(1)} 秒录音的脚本转写。`
    : `Scripted transcription of ${seconds.toFixed(1)} seconds.`;

type Form = { file: Buffer; language: SpeechLanguage };

const readForm = (request: Request) =>
  new Promise<Form>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let language: SpeechLanguage = 'en';
    const parser = busboy({ headers: request.headers });
    parser.on('file', (_name, stream) => void stream.on('data', (chunk: Buffer) => chunks.push(chunk)));
    parser.on('field', (name, value) => {
      if (name === 'language') language = SpeechLanguage.parse(value);
    });
    parser.on('close', () => resolve({ file: Buffer.concat(chunks), language })).on('error', reject);
    request.pipe(parser);
  });

/** Returns the frequency of the marker tone that most of a recording's energy is at; null without one. */
function findTone(samples: Int16Array): number | null {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  const measured = Object.keys(TONES).map((tone) => ({
    tone: Number(tone),
    share: measureTone(samples, Number(tone)),
  }));
  return measured.find(({ share }) => energy > 0 && share / energy > TONE_SHARE)?.tone ?? null;
}

/** Window of the measurement. Its resolution is 10 Hz, so a small error of the sample rate does not matter. */
const WINDOW = SAMPLE_RATE / 10;

/** Returns the energy at a frequency, by Goertzel's algorithm. */
function measureTone(samples: Int16Array, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / SAMPLE_RATE);
  let energy = 0;
  for (let start = 0; start < samples.length; start += WINDOW) {
    const window = samples.subarray(start, start + WINDOW);
    let [last, previous] = [0, 0];
    for (const sample of window) [last, previous] = [sample + coefficient * last - previous, last];
    energy += (2 * (last * last + previous * previous - coefficient * last * previous)) / window.length;
  }
  return energy;
}
