// Fills the database of a running server with agents and sessions of a person, to try the page with many of them:
//   node tests/load/seed.ts --data ~/.it0 --email me@example.com --agents 200 --sessions 2000 --messages 20000
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { indexMissing } from '@it0/api/agent/search/index-missing';
import type { Core } from '@it0/api/core';
import { createDatabase } from '@it0/db/database';
import { readAdminUrl } from '@it0/db/embedded';
import { findPostmaster } from '@it0/db/embedded/postmaster';
import { quoteTenantSchema } from '@it0/db/sql';
import { createConversations } from '@it0/tests/support/conversations';
import { pino } from 'pino';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    email: { type: 'string' },
    agents: { type: 'string', default: '200' },
    sessions: { type: 'string', default: '2000' },
    messages: { type: 'string', default: '20000' },
  },
});
const [agents, sessions, messages] = [values.agents, values.sessions, values.messages].map(Number) as [
  number,
  number,
  number,
];
const data = join(values.data ?? '', 'postgres');
const postmaster = await findPostmaster(data);
if (!values.data || !values.email || !postmaster) throw new Error('Pass --data of a running server, and --email.');

await using db = createDatabase({ url: readAdminUrl(data, postmaster) });
const member = await db.platform.member.findFirstOrThrow({ where: { user: { email: values.email } } });
const { organizationId: tenantId, userId: ownerId } = member;
const instanceIds = Array.from({ length: agents }, () => randomUUID());
await db.tenant(tenantId).agentInstance.createMany({
  data: instanceIds.map((id, n) => ({
    ...{ id, requestId: id, ownerId, name: `agent-${n + 1}`, engineType: 'openclaw', driver: 'remote' as const },
    ...{ status: n % 7 === 0 ? ('STOPPED' as const) : ('RUNNING' as const), bridgeSecret: Buffer.from('none') },
  })),
});
const schema = quoteTenantSchema(tenantId);
await createConversations(db.pool, { schema, ownerId, instanceIds, sessions, messages, days: 400 });
const core = { db, log: pino(), refusedTenants: new Set<string>() } as unknown as Core;
await indexMissing(core, new AbortController().signal);
