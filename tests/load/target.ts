import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { WebSocket } from 'ws';
import type { Request } from './http-client.ts';
import type { Subject } from './subject.ts';
import type { Session, World } from './world.ts';

/** A server that accepts callbacks and streams them to readers, with its sessions. */
export type Target = {
  subject: Subject;
  sessions: Session[];
  post(session: Session, events: object[], kind: 'durable' | 'ephemeral'): Request;
  /** Opens a reader, after `after` or live. `onEvents` receives the number of events of each frame. */
  read(session: Session, onEvents: (count: number) => void, after?: number): Promise<Reader>;
};
export type Reader = { close(): void };

/** The text of one report. */
export const word = 'words ';

/** Counts the reports in events. Consecutive deltas are merged into one event. */
const countReports = (events: { type: string; delta?: string }[]) =>
  events.reduce((count, { delta }) => count + (delta ? delta.length / word.length : 1), 0);

const formatBody = ({ taskId }: Session, events: object[]) => JSON.stringify({ taskId, events });

/** The product's own server. */
export function product({ server, cookie }: World, sessions: Session[]): Target {
  return {
    subject: server,
    sessions,
    post: (session, events) => ({
      path: CALLBACK_PATH,
      headers: { authorization: `Bearer ${session.token}` },
      body: formatBody(session, events),
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
          // A stopping server sends a message without a result.
          if (!result) return false;
          if (result.type === 'started') return true;
          onEvents(countReports(result.data.data));
          return false;
        },
        replyTo: (frame) => (frame === 'PING' ? 'PONG' : undefined),
        readyAtOnce: after !== undefined,
      });
    },
  };
}

export function baseline(subject: Subject, sessions: Session[]): Target {
  return {
    subject,
    sessions,
    post: (session, events, kind) => ({ path: `/${kind}`, body: formatBody(session, events) }),
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

export function socketIo(subject: Subject, sessions: Session[]): Target {
  return {
    subject,
    sessions,
    post: (session, events, kind) => ({
      path: kind === 'durable' ? '/callback' : '/ephemeral',
      body: formatBody(session, events),
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
        replyTo: (frame) => (frame.startsWith('0') ? `40${auth}` : frame === '2' ? '3' : undefined),
        readyAtOnce: after !== undefined,
      });
    },
  };
}

type Protocol = {
  headers?: Record<string, string>;
  onOpen?(socket: WebSocket): void;
  /** Returns whether the reader is live now. */
  onFrame(frame: string): boolean;
  replyTo?(frame: string): string | undefined;
  /** Whether the reader counts as open with the connection, as for a replay, or only once it is live. */
  readyAtOnce: boolean;
};

/** Opens a WebSocket. Resolves when the reader is live, or with the connection if `readyAtOnce`. */
export function openSocket(url: string, { headers, onOpen, onFrame, replyTo, readyAtOnce }: Protocol): Promise<Reader> {
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
      const response = replyTo?.(frame);
      if (response !== undefined) socket.send(response);
      if (onFrame(frame)) resolve(reader);
    });
  });
}
