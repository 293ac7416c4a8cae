import type { TenantState } from '@it0/db/database';
import type { Finding } from './finding.ts';

/** Returns whether servers of this version serve the tenant. */
export const isUsable = ({ pending, problem }: TenantState) => pending.length === 0 && problem === null;

/** Reports the tenants that servers of this version refuse, because of their tables. */
export function* examineTenants(tenants: TenantState[]): Generator<Finding> {
  const refused = tenants.filter((tenant) => !isUsable(tenant));
  if (refused.length === 0) yield { subject: 'tenants', state: `${tenants.length}, all up to date`, advice: null };
  for (const { id, pending, problem } of refused) {
    yield {
      subject: `tenant ${id}`,
      state: problem ? `broken: ${problem}` : `${pending.length} migrations pending`,
      advice: problem ? 'Repair its schema and restart the servers.' : 'Restart the servers to apply them.',
    };
  }
}
