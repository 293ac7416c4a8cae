import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createMailer } from '@it0/server/mail/mail';
import { pino } from 'pino';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { until } from './until.ts';

/** Where people reach the server that sends the mails. */
export const publicUrl = 'https://it0.example';

/** A real SMTP server that keeps what it is sent, and the server's own way of sending there. */
export async function testMailServer({ log = pino({ level: 'silent' }) } = {}) {
  const mails: (Email & { raw: string })[] = [];
  const refusals: number[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _, answer) =>
      username === 'it0' && password === 'pass word' ? answer(null, { user: 'it0' }) : answer(new Error('nobody')),
    onMailFrom(_, __, answer) {
      const responseCode = refusals.shift();
      answer(responseCode ? Object.assign(new Error('not now'), { responseCode }) : null);
    },
    async onData(stream, _, answer) {
      const raw = await text(stream);
      mails.push({ ...(await PostalMime.parse(raw)), raw });
      answer();
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const url = `smtp://it0:pass%20word@127.0.0.1:${port}`;
  const mailer = createMailer({ url, from: 'IT0 <it0@it0.example>', publicUrl, log, pausesMs: [1, 1] });
  return {
    url,
    sendMail: mailer.send,
    mails,
    /** Answers the next mails with these codes, one each, instead of taking them. */
    refuse: (...codes: number[]) => void refusals.push(...codes),
    waitsToRefuse: () => refusals.length,
    /** The first mail to somebody, once it has come. */
    mailTo: (address: string) => until(() => mails.find(({ to }) => to?.some((each) => each.address === address))),
    async [Symbol.asyncDispose]() {
      mailer.close();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

/** The one address that a mail leads to. */
export function findLink({ text = '', html = '' }: Email): URL {
  const links = new Set(
    [...text.matchAll(/https?:\/\/\S+/g), ...html.matchAll(/(?<=href=")[^"]+/g)].map(([link]) => link),
  );
  if (links.size !== 1) throw new Error(`not one link: ${[...links]}`);
  return new URL([...links][0]!);
}
