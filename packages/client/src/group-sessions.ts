import type { Session } from './chat-source.ts';

/** Group of a list of sessions: by a name, or by a month such as `2026-03`. */
export type GroupKey = 'pinned' | 'today' | 'yesterday' | 'week' | `${number}-${string}`;

/** Sessions of a list with the same group, in their order. */
export type SessionGroup<T> = { key: GroupKey; sessions: T[] };

type Listed = Pick<Session, 'id' | 'pinned' | 'lastActiveAt'>;

/**
 * Groups sessions for a list: the pinned ones, then by the local day of their last activity, the latest first. `now` is
 * a time in milliseconds.
 */
export function groupSessions<T extends Listed>(sessions: readonly T[], now: number): SessionGroup<T>[] {
  const sorted = [...sessions].sort(
    (a, b) => Number(b.pinned) - Number(a.pinned) || b.lastActiveAt.localeCompare(a.lastActiveAt),
  );
  const groups: SessionGroup<T>[] = [];
  for (const session of sorted) {
    const key = session.pinned ? 'pinned' : toDayGroup(session.lastActiveAt, now);
    const last = groups.at(-1);
    if (last?.key === key) last.sessions.push(session);
    else groups.push({ key, sessions: [session] });
  }
  return groups;
}

function toDayGroup(at: string, now: number): GroupKey {
  const date = new Date(at);
  if (date.getTime() >= startOfDay(now, 0)) return 'today';
  if (date.getTime() >= startOfDay(now, 1)) return 'yesterday';
  if (date.getTime() >= startOfDay(now, 6)) return 'week';
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
}

/** Returns the local midnight some days before `now`. Days can have 23 or 25 hours. */
function startOfDay(now: number, daysBefore: number) {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysBefore).getTime();
}

/**
 * Joins the pages of a list with its first page as read later. Sessions that were loaded twice are listed once, as in
 * the later read, and those that are missing there although they would be on it are dropped.
 */
export function mergePages<T extends Listed>(newest: readonly T[], pages: readonly (readonly T[])[]): T[] {
  const ids = new Set(newest.map(({ id }) => id));
  const oldest = newest.findLast(({ pinned }) => !pinned)?.lastActiveAt;
  const isBelow = ({ pinned, lastActiveAt }: T) => !pinned && oldest !== undefined && lastActiveAt <= oldest;
  const rest = pages.flat().filter((session) => !ids.has(session.id) && isBelow(session));
  return [...newest, ...new Map(rest.map((session) => [session.id, session])).values()];
}
