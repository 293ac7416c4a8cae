import type { TenantState } from '@it0/db/database';
import type { Finding } from './finding.ts';

/** Whether servers of this version serve the tenant. */
export const isUsable = ({ pending, trouble }: TenantState) => pending.length === 0 && trouble === null;

/** The tenants whose tables are not as this version needs them: its servers refuse them. */
export function* examineTenants(tenants: TenantState[]): Generator<Finding> {
  const refused = tenants.filter((tenant) => !isUsable(tenant));
  if (refused.length === 0) yield { what: 'tenants', seen: `${tenants.length}, all up to date`, todo: null };
  for (const { id, pending, trouble } of refused) {
    yield {
      what: `tenant ${id}`,
      seen: trouble ? `broken: ${trouble}` : `${pending.length} migrations are to be applied`,
      todo: trouble ? 'Repair its schema and start the servers again.' : 'Start the servers again: they apply them.',
    };
  }
}
