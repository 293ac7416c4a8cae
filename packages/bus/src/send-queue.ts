import { delay } from '@it0/node/delay';
import type { Logger } from 'pino';

/** An encoded message and its channel. */
export type Message = { channel: string; body: string };

/** Options of `createSendQueue`. */
export type SendQueueOptions = {
  /** Sends messages in order. Rejects when they could not be sent; the queue then retries. */
  send(messages: Message[]): Promise<unknown>;
  /** Sent in place of messages that were dropped. */
  overflowMessage: Message;
  log: Logger;
};

const MAX_BATCH = 500;
/** Maximum length of all queued messages in UTF-16 units. */
const MAX_QUEUED_UNITS = 8_000_000;
const RETRY_MS = 100;
/** Time of failed attempts after which the queue is dropped. */
const DROP_AFTER_MS = 10_000;

/**
 * Creates a queue that sends messages in order: one `send` at a time, with all messages queued meanwhile. Failed
 * messages are retried. When sending fails for too long, or the queue is too large, `overflowMessage` replaces the
 * queue.
 */
export function createSendQueue({ send, overflowMessage, log }: SendQueueOptions) {
  let queue: Message[] = [];
  let units = 0;
  let failingSince = 0;
  let sending: Promise<void> | undefined;
  const closing = new AbortController();

  async function drain() {
    while (queue.length > 0) {
      const messages = queue.splice(0, MAX_BATCH);
      try {
        await send(messages);
        for (const { body } of messages) units -= body.length;
        failingSince = 0;
      } catch (error) {
        if (closing.signal.aborted) break;
        if (!failingSince) log.warn({ err: error }, 'cannot reach the bus; retrying');
        failingSince ||= Date.now();
        queue.unshift(...messages);
        if (Date.now() - failingSince > DROP_AFTER_MS) dropQueue();
        await delay(RETRY_MS, closing.signal);
      }
    }
    sending = undefined;
  }

  function dropQueue() {
    queue = [overflowMessage];
    units = overflowMessage.body.length;
  }

  return {
    push(message: Message) {
      queue.push(message);
      units += message.body.length;
      if (units > MAX_QUEUED_UNITS) dropQueue();
      sending ??= drain();
    },
    /** Sends the queued messages once, without retries. */
    async [Symbol.asyncDispose]() {
      closing.abort();
      await sending;
    },
  };
}
