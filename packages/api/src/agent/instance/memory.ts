import { limits } from '@it0/contracts/limits';
import { queryAcrossTenants } from '@it0/db/query-schemas';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';

/**
 * Requires enough memory for another local instance. Reserves for each running instance what it does not use yet.
 * Throws NOT_ENOUGH_MEMORY.
 */
export async function requireMemory({ db, local, refusedTenants }: AgentContext) {
  const where = { id: { notIn: [...refusedTenants] } };
  const tenants = await db.platform.organization.findMany({ where, select: { id: true } });
  const { rows } = await queryAcrossTenants<{ bytes: string }>(
    db.pool,
    tenants.map(({ id }) => id),
    (schema) => `
      SELECT coalesce(sum(greatest(0, ${limits.gatewayBytes} - coalesce("memoryBytes", 0))), 0) AS "bytes"
      FROM ${schema}."AgentInstance" WHERE "driver" = 'local' AND "desiredState" = 'RUNNING' AND "status" <> 'ERROR'`,
  );
  const reserved = rows.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  const free = await local.availableMemory();
  if (free - reserved >= limits.gatewayBytes) return;
  const [needs, has, others] = [limits.gatewayBytes, free, reserved].map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  const reservedNote = reserved > 0 ? `, of which ${others} are reserved for agents that are starting` : '';
  const message = `Another agent needs ${needs} of memory. ${has} are free${reservedNote}. Stop an agent first.`;
  const params = { needed: limits.gatewayBytes, free, promised: reserved };
  throw new AppError('NOT_ENOUGH_MEMORY', message, { params });
}
