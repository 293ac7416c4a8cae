import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { WebSocket } from 'ws';
import type { Request } from './http-client.ts';
import type { Subject } from './subject.ts';
import type { Conversation, World } from './world.ts';

/** Something that takes callbacks and streams them to readers, with conversations of its own. */
export type Target = {
  subject: Subject;
  conversations: Conversation[];
  post(conversation: Conversation, events: object[], kind: 'durable' | 'ephemeral'): Request;
  /** Opens a reader, from `after` on or live. `onEvents` hears how many events each frame brought. */
  read(conversation: Conversation, onEvents: (count: number) => void, after?: number): Promise<Reader>;
};
export type Reader = { close(): void };

/** What a bridge says of a reply at a time. */
export const word = 'words ';

/** How many reports an answer stands for: words that follow on each other come as one piece. */
const countOf = (events: { type: string; delta?: string }[]) =>
  events.reduce((count, { delta }) => count + (delta ? delta.length / word.length : 1), 0);

const bodyOf = ({ taskId }: Conversation, events: object[]) => JSON.stringify({ taskId, events });

/** The product. */
export function ours({ server, cookie }: World, conversations: Conversation[]): Target {
  return {
    subject: server,
    conversations,
    post: (conversation, events) => ({
      path: CALLBACK_PATH,
      headers: { authorization: `Bearer ${conversation.token}` },
      body: bodyOf(conversation, events),
    }),
    read({ sessionId }, onEvents, after) {
      const input = { sessionId, lastEventId: after === undefined ? undefined : String(after) };
      const subscribe = { id: 1, method: 'subscription', params: { path: 'session.onEvent', input } };
      return openSocket(`ws://127.0.0.1:${server.port}/ws/agent`, {
        headers: { cookie },
        onOpen: (socket) => socket.send(JSON.stringify(subscribe)),
        onFrame(frame) {
          if (frame === 'PING') return false;
          const { result, error } = JSON.parse(frame);
          if (error) throw new Error(frame);
          // A server that stops says so.
          if (!result) return false;
          if (result.type === 'started') return true;
          onEvents(countOf(result.data.data));
          return false;
        },
        answerTo: (frame) => (frame === 'PING' ? 'PONG' : undefined),
        readyAtOnce: after !== undefined,
      });
    },
  };
}

export function floor(subject: Subject, conversations: Conversation[]): Target {
  return {
    subject,
    conversations,
    post: (conversation, events, kind) => ({ path: `/${kind}`, body: bodyOf(conversation, events) }),
    read({ sessionId, taskId }, onEvents, after) {
      const query = `session=${sessionId}&task=${taskId}${after === undefined ? '' : `&after=${after}`}`;
      return openSocket(`ws://127.0.0.1:${subject.port}/?${query}`, {
        onFrame(frame) {
          const events = JSON.parse(frame);
          if (events.length > 0) onEvents(events.length);
          return events.length === 0;
        },
        readyAtOnce: after !== undefined,
      });
    },
  };
}

export function socketIo(subject: Subject, conversations: Conversation[]): Target {
  return {
    subject,
    conversations,
    post: (conversation, events, kind) => ({
      path: kind === 'durable' ? '/callback' : '/ephemeral',
      body: bodyOf(conversation, events),
    }),
    read({ sessionId, taskId }, onEvents, after) {
      const auth = JSON.stringify({ session: sessionId, task: taskId, after });
      return openSocket(`ws://127.0.0.1:${subject.port}/socket.io/?EIO=4&transport=websocket`, {
        onFrame(frame) {
          if (!frame.startsWith('42')) return false;
          const [name] = JSON.parse(frame.slice(2));
          if (name === 'event') onEvents(1);
          return name === 'ready';
        },
        answerTo: (frame) => (frame.startsWith('0') ? `40${auth}` : frame === '2' ? '3' : undefined),
        readyAtOnce: after !== undefined,
      });
    },
  };
}

type Protocol = {
  headers?: Record<string, string>;
  onOpen?(socket: WebSocket): void;
  /** True when the reader is live. */
  onFrame(frame: string): boolean;
  answerTo?(frame: string): string | undefined;
  /** A replay is counted from the start; live events only once the reader is there. */
  readyAtOnce: boolean;
};

/** Resolves when the reader is live, or as soon as the connection is there. */
export function openSocket(
  url: string,
  { headers, onOpen, onFrame, answerTo, readyAtOnce }: Protocol,
): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false, skipUTF8Validation: true });
    const reader = { close: () => socket.terminate() };
    socket.on('error', reject);
    socket.on('open', () => {
      onOpen?.(socket);
      if (readyAtOnce) resolve(reader);
    });
    socket.on('message', (data) => {
      const frame = String(data);
      const answer = answerTo?.(frame);
      if (answer !== undefined) socket.send(answer);
      if (onFrame(frame)) resolve(reader);
    });
  });
}
