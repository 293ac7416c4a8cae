import { indexMissing } from '@it0/api/agent/search/index-missing';
import { searchSessions } from '@it0/api/agent/search/search-sessions';
import type { UserContext } from '@it0/api/core';
import { createConversations } from '@it0/tests/support/conversations';
import { pino } from 'pino';
import type { Row } from '../report.ts';
import type { Options, World } from '../world.ts';

/** Frequent and rare words, beginnings of words, one character, and what does not occur. */
const QUERIES = ['磁盘', '监控 丢包', '健康检查', 'probe', 'di', '19x', 'swap 1lh', '织', 'zzzz', '界研究'];
const LIMIT_MS = 200;

/** Measures searches by an owner of all agents in a million messages. */
export async function search(world: World, { rounds, quick }: Options): Promise<Row[]> {
  const { db, schema, tenantId, userId, instanceId } = world;
  const messages = quick ? 20_000 : 1_000_000;
  const volume = { instanceIds: [instanceId], sessions: messages / 50, messages, days: 700 };
  await createConversations(db.pool, { schema, ownerId: userId, ...volume });
  const core = { db, log: pino({ level: 'silent' }), refusedTenants: new Set<string>() };
  const user = { id: userId, tenantId, role: 'owner' };
  const ctx = { ...core, user } as unknown as UserContext;
  await indexMissing(ctx, new AbortController().signal);
  await db.pool.query(`VACUUM ANALYZE ${schema}."SearchEntry"`);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const query of QUERIES) {
      const start = performance.now();
      await searchSessions(ctx, { query, limit: 20 });
      // The first round is a warm-up.
      if (round > 0) times.push(performance.now() - start);
    }
  }
  const value = times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)]!;
  const none = { floor: null, peer: null, xFloor: null, xPeer: null };
  return [
    { section: `search, ${messages.toLocaleString('en')} messages, p95 ms`, value, ...none, ok: value <= LIMIT_MS },
  ];
}
