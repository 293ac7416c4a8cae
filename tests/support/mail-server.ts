import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createMailer } from '@it0/server/mail/mail';
import { pino } from 'pino';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { until } from './until.ts';

/** Public URL of the server that sends the mails. */
export const publicUrl = 'https://it0.example';

/** Starts a real SMTP server that records all mails, and the server's own mailer for it. */
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
  const mailer = createMailer({ url, from: 'IT0 <it0@it0.example>', publicUrl, log, retryDelaysMs: [1, 1] });
  return {
    url,
    sendMail: mailer.send,
    mails,
    /** Refuses the next mails with these codes, one each. */
    refuse: (...codes: number[]) => void refusals.push(...codes),
    pendingRefusals: () => refusals.length,
    /** Waits for the first mail to an address. */
    mailTo: (address: string) => until(() => mails.find(({ to }) => to?.some((each) => each.address === address))),
    async [Symbol.asyncDispose]() {
      mailer.close();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

/** Returns the only link of a mail. Throws when there is none or more than one. */
export function findLink({ text = '', html = '' }: Email): URL {
  const links = new Set(
    [...text.matchAll(/https?:\/\/\S+/g), ...html.matchAll(/(?<=href=")[^"]+/g)].map(([link]) => link),
  );
  if (links.size !== 1) throw new Error(`expected one link: ${[...links]}`);
  return new URL([...links][0]!);
}
