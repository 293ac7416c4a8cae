import { expect, test } from 'vitest';
import { groupSessions, mergePages } from './group-sessions.ts';

const now = new Date(2026, 2, 10, 9, 30).getTime();
const at = (...date: [number, number, number, number, number]) => new Date(...date).toISOString();
const session = (id: string, lastActiveAt: string, pinned = false) => ({ id, lastActiveAt, pinned });

test('groupSessions sorts sessions into pinned ones, days and months', () => {
  const sessions = [
    session('march', at(2026, 2, 3, 23, 59)),
    session('just after midnight', at(2026, 2, 10, 0, 0)),
    session('just before midnight', at(2026, 2, 9, 23, 59)),
    session('six days ago', at(2026, 2, 4, 0, 0)),
    session('pinned', at(2025, 11, 31, 12, 0), true),
    session('december', at(2025, 11, 31, 23, 0)),
    session('now', at(2026, 2, 10, 9, 30)),
    session('clock ahead', at(2026, 2, 11, 9, 30)),
  ];
  expect(groupSessions(sessions, now).map(({ key, sessions: list }) => [key, list.map(({ id }) => id)])).toEqual([
    ['pinned', ['pinned']],
    ['today', ['clock ahead', 'now', 'just after midnight']],
    ['yesterday', ['just before midnight']],
    ['week', ['six days ago']],
    ['2026-03', ['march']],
    ['2025-12', ['december']],
  ]);
});

test('mergePages lists each session once, as it was read last, and drops what is gone from the first page', () => {
  const day = (n: number) => at(2026, 0, n, 0, 0);
  const pages = [[session('a', day(9)), session('gone', day(8)), session('b', day(7))], [session('c', day(6))]];
  const newest = [session('pin', day(1), true), session('c', day(10)), session('a', day(9)), session('b', day(7))];
  const older = [...pages, [session('d', day(5)), session('c', day(6))]];
  expect(mergePages(newest, older).map(({ id, lastActiveAt }) => [id, lastActiveAt])).toEqual([
    ['pin', day(1)],
    ['c', day(10)],
    ['a', day(9)],
    ['b', day(7)],
    ['d', day(5)],
  ]);
});
