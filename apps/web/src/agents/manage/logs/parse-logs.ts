/** The levels of log lines, the least severe first. */
export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

export type LogSource = 'bridge' | 'gateway';

/** A log line in parts. `raw` is the line as it was written. */
export type LogLine = {
  source: LogSource;
  /** Milliseconds since 1970; null if the line has no time. */
  at: number | null;
  level: Level;
  message: string;
  /** Fields beside the message, such as ids. */
  details: string;
  raw: string;
};

/** Parses the lines of both logs, and merges them by time. Lines without a time follow the line before them. */
export function parseLogs(logs: Record<LogSource, string[]>): LogLine[] {
  const lines = (['bridge', 'gateway'] as const).flatMap((source) => {
    let last = -Infinity;
    return logs[source]
      .filter((raw) => raw.replace(BOX, '').trim() !== '')
      .map((raw) => {
        const line = { source, raw, ...(parseJson(raw) ?? parseText(raw)) };
        last = line.at ?? last;
        return { line, order: last };
      });
  });
  return lines.sort((one, other) => one.order - other.order || 0).map(({ line }) => line);
}

/** The characters of a box that OpenClaw draws around a text. */
const BOX = /[\u2500-\u257f◇]/g;

type Parsed = Omit<LogLine, 'source' | 'raw'>;

/** Fields of the bridge's logger that are the same in every line. */
const CONSTANT_FIELDS = ['pid', 'hostname', 'name'];

/** Parses a line of the bridge: JSON with a numeric level, the time and a message. */
function parseJson(raw: string): Parsed | undefined {
  const fields = readObject(raw);
  if (!fields) return undefined;
  const { level, time, msg, err, ...rest } = fields;
  const error = Object(err) as { message?: unknown };
  const details = Object.entries(rest)
    .filter(([key]) => !CONSTANT_FIELDS.includes(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return {
    at: typeof time === 'number' ? time : null,
    level: toLevel(level),
    message: [msg, error.message].filter((text) => typeof text === 'string').join(': '),
    details: details.join(' '),
  };
}

function readObject(raw: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && 'msg' in value ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The bridge writes levels as numbers: 20 is debug, 30 info, 40 a warning, 50 an error and 60 a fatal one. */
function toLevel(level: unknown): Level {
  const number = typeof level === 'number' ? level : 30;
  if (number >= 50) return 'error';
  if (number >= 40) return 'warn';
  return number >= 30 ? 'info' : 'debug';
}

/** A line of OpenClaw: the time, the part of it in brackets, and a text. */
const TEXT_LINE = /^(?<time>\d{4}-\d\d-\d\dT\S+) (?:\[(?<part>[^\]]*)\] )?(?<text>.*)$/;

function parseText(raw: string): Parsed {
  const { time, part = '', text = raw } = TEXT_LINE.exec(raw)?.groups ?? {};
  const at = time ? Date.parse(time) : Number.NaN;
  const level = /\b(?:error|failed|fatal)\b/i.test(text) ? 'error' : /\bwarn(?:ing)?\b/i.test(text) ? 'warn' : 'info';
  return {
    at: Number.isNaN(at) ? null : at,
    level,
    message: Number.isNaN(at) ? raw.replace(BOX, '').trimEnd() : text,
    details: part,
  };
}

export type LogFilter = { query: string; level: Level };

/** Returns the lines of at least a level whose text contains the query, in any case. */
export function filterLogs(lines: readonly LogLine[], { query, level }: LogFilter): LogLine[] {
  const wanted = query.trim().toLowerCase();
  return lines.filter(
    (line) => levels.indexOf(line.level) >= levels.indexOf(level) && line.raw.toLowerCase().includes(wanted),
  );
}
