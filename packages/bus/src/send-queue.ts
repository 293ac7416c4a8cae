import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export type Message = { channel: string; body: string };

export type SendQueueOptions = {
  /** Takes messages in order. Rejects when it cannot: they come again then. */
  send(messages: Message[]): Promise<unknown>;
  /** What goes in place of messages that were given up. */
  instead: Message;
  log: Logger;
};

const most = { atOnce: 500, units: 8_000_000 };
const retryMs = 100;
/** What has not left after this is old news. */
const giveUpMs = 10_000;

/**
 * Messages on their way out, in order: one `send` at a time, with all that has gathered meanwhile. Those that fail are
 * tried again; those that cannot leave in time, or are too much to keep, are given up.
 */
export function createSendQueue({ send, instead, log }: SendQueueOptions) {
  let waiting: Message[] = [];
  let units = 0;
  let failingSince = 0;
  let sending: Promise<void> | undefined;
  const closing = new AbortController();

  async function drain() {
    while (waiting.length > 0) {
      const messages = waiting.splice(0, most.atOnce);
      try {
        await send(messages);
        for (const { body } of messages) units -= body.length;
        failingSince = 0;
      } catch (error) {
        if (closing.signal.aborted) break;
        if (!failingSince) log.warn({ err: error }, 'the bus cannot be reached; trying again');
        failingSince ||= Date.now();
        waiting.unshift(...messages);
        if (Date.now() - failingSince > giveUpMs) giveUp();
        await sleep(retryMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
    sending = undefined;
  }

  function giveUp() {
    waiting = [instead];
    units = instead.body.length;
  }

  return {
    put(message: Message) {
      waiting.push(message);
      units += message.body.length;
      if (units > most.units) giveUp();
      sending ??= drain();
    },
    /** Lets go what can leave now; what cannot never will. */
    async close() {
      closing.abort();
      await sending;
    },
  };
}
