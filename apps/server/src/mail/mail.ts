import { setTimeout as sleep } from 'node:timers/promises';
import type { Mail, SendMail } from '@it0/api/auth/mail';
import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';
import { renderMail } from './mail-text.ts';

export type MailerOptions = {
  /** `smtp:` or `smtps:`, with user and password. */
  url: string;
  from: string;
  /** Where people reach the server: links begin with it. */
  publicUrl: string;
  log: Logger;
  /** How long it waits after each failure; after the last one it gives up. */
  pausesMs?: number[];
};

const limits = { dnsTimeout: 5_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** Sends mails in the background: whoever asks for one neither waits for it nor is told that it failed. */
export function createMailer({ url, from, publicUrl, log, pausesMs = [2_000, 15_000, 60_000] }: MailerOptions) {
  const { password, hostname } = new URL(url);
  const transport = createTransport({
    ...{ url, ...limits, disableFileAccess: true, disableUrlAccess: true },
    // A password leaves this machine under TLS alone.
    requireTLS: password !== '' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname),
  });
  const closing = new AbortController();

  async function deliver(mail: Mail) {
    const to = { name: '', address: mail.to };
    const message = { from, to, headers: { 'auto-submitted': 'auto-generated' }, ...renderMail(mail, publicUrl) };
    for (const pauseMs of [...pausesMs, null]) {
      const error = await transport.sendMail(message).then(
        () => null,
        (cause: unknown) => cause,
      );
      if (!error) return;
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      const isLast = pauseMs === null || (responseCode ?? 0) >= 500;
      // The error's own message could name the address.
      log.warn({ kind: mail.kind, code, responseCode }, isLast ? 'a mail was not sent' : 'a mail will be tried again');
      if (isLast) return;
      await sleep(pauseMs, undefined, { ref: false, signal: closing.signal });
    }
  }

  const send: SendMail = (mail) =>
    void deliver(mail).catch((error: Error) => {
      if (!closing.signal.aborted) log.error({ err: error, kind: mail.kind }, 'a mail could not be written');
    });
  return {
    send,
    /** Those that wait for another try are dropped. */
    close() {
      closing.abort();
      transport.close();
    },
  };
}
