import { setTimeout as sleep } from 'node:timers/promises';
import type { Mail, SendMail } from '@it0/api/auth/mail';
import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';
import { renderMail } from './mail-text.ts';

export type MailerOptions = {
  /** URL with `smtp:` or `smtps:`, user and password. */
  url: string;
  from: string;
  /** Public origin of the server, for links. */
  publicUrl: string;
  log: Logger;
  /** Delays before each retry. After the last one, the mail is dropped. */
  retryDelaysMs?: number[];
};

const TIMEOUTS_MS = { dnsTimeout: 5_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/**
 * Creates a mailer that sends in the background. Callers neither wait nor learn of a failure, since that could reveal
 * whether an account exists.
 */
export function createMailer({ url, from, publicUrl, log, retryDelaysMs = [2_000, 15_000, 60_000] }: MailerOptions) {
  const { password, hostname } = new URL(url);
  const transport = createTransport({
    ...{ url, ...TIMEOUTS_MS, disableFileAccess: true, disableUrlAccess: true },
    // A password is sent to other machines only over TLS.
    requireTLS: password !== '' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname),
  });
  const closing = new AbortController();

  async function deliver(mail: Mail) {
    const recipient = { name: '', address: mail.to };
    const message = {
      from,
      to: recipient,
      headers: { 'auto-submitted': 'auto-generated' },
      ...renderMail(mail, publicUrl),
    };
    for (const delayMs of [...retryDelaysMs, null]) {
      const error = await transport.sendMail(message).then(
        () => null,
        (cause: unknown) => cause,
      );
      if (!error) return;
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      const isLast = delayMs === null || (responseCode ?? 0) >= 500;
      // The error message can contain the address.
      log.warn(
        { kind: mail.kind, code, responseCode },
        isLast ? 'a mail was not sent' : 'a mail could not be sent; retrying',
      );
      if (isLast) return;
      await sleep(delayMs, undefined, { ref: false, signal: closing.signal });
    }
  }

  const send: SendMail = (mail) =>
    void deliver(mail).catch((error: Error) => {
      if (!closing.signal.aborted) log.error({ err: error, kind: mail.kind }, 'a mail could not be composed');
    });
  return {
    send,
    /** Closes the transport and drops mails that wait for a retry. */
    close() {
      closing.abort();
      transport.close();
    },
  };
}
