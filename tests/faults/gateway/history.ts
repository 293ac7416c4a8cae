import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** A row of a conversation, in the shape in which OpenClaw's `chat.history` tells it. */
export type Row = {
  sessionKey: string;
  role: 'user' | 'assistant' | 'toolResult';
  content: { type: string; text?: string }[];
  idempotencyKey?: string;
  provenance?: { kind: string };
  stopReason?: 'stop' | 'toolUse' | 'aborted';
  toolCallId?: string;
  isError?: boolean;
  /** When the tool was called. A real gateway does not report this. */
  calledAt?: number;
  __openclaw?: { runId: string };
};

/** What a gateway keeps when it is killed: every row of every conversation, in one file. */
export function readRows(file: string): Row[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

export function openHistory(file: string) {
  const sessions = new Map<string, Row[]>();
  const keep = (row: Row) => {
    const rows = sessions.get(row.sessionKey) ?? [];
    sessions.set(row.sessionKey, rows);
    rows.push(row);
  };
  for (const row of readRows(file)) keep(row);
  return {
    sessions,
    of: (sessionKey: string) => sessions.get(sessionKey) ?? [],
    add(row: Row) {
      keep(row);
      appendFileSync(file, `${JSON.stringify(row)}\n`);
    },
  };
}
export type History = ReturnType<typeof openHistory>;
