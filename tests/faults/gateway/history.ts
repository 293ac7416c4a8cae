import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** A row of a session, in the format of OpenClaw's `chat.history`. */
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

/** Reads the rows of all sessions from the file that survives a kill. */
export function readRows(file: string): Row[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

export function openHistory(file: string) {
  const sessions = new Map<string, Row[]>();
  const index = (row: Row) => {
    const rows = sessions.get(row.sessionKey) ?? [];
    sessions.set(row.sessionKey, rows);
    rows.push(row);
  };
  for (const row of readRows(file)) index(row);
  return {
    sessions,
    of: (sessionKey: string) => sessions.get(sessionKey) ?? [],
    add(row: Row) {
      index(row);
      appendFileSync(file, `${JSON.stringify(row)}\n`);
    },
  };
}
export type History = ReturnType<typeof openHistory>;
