import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import { inspectCluster } from '@it0/db/cluster';
import type { Database } from '@it0/db/database';
import { exportTenant } from '@it0/db/tenant-export';
import { removeTenant } from '@it0/db/tenant-removal';
import { measureTenants } from '@it0/db/tenant-sizes';
import { countRows } from '@it0/db/tenant-sources';
import { toTenantFolder } from '../../instances/drivers/driver.ts';
import { copyAttachments, listAttachments, removeAttachments } from './attachments.ts';
import { formatBytes, formatCount } from './list.ts';

type Print = (line: string) => void;
/** Locations of a server's data outside the database. */
type Storage = { dataDir: string; attachments: AttachmentStore };

const toExportsFolder = (dataDir: string) => join(dataDir, 'exports');

/** Exports the data and attachments of a tenant. */
export async function runExport(db: Database, tenantId: string, { dataDir, attachments }: Storage, print: Print) {
  const { name } = await requireTenant(db, tenantId);
  const { file, rows } = await exportTenant(db.pool, tenantId, toExportsFolder(dataDir));
  const ids = await listAttachments(db, tenantId);
  const copied = await copyAttachments(attachments, tenantId, ids, toExportsFolder(dataDir));
  print(`✓ ${name}: ${formatCount(sum(rows), 'row')} in ${file}`);
  if (copied) print(`    ${formatCount(ids.length, 'attachment')} in ${copied}`);
}

/** Exports and deletes a tenant. Without `yes`, prints what would be deleted. */
export async function runRemoval(
  db: Database,
  { id, yes }: { id: string; yes: boolean },
  storage: Storage,
  print: Print,
) {
  const { dataDir, attachments } = storage;
  const folder = toTenantFolder(dataDir, id);
  const { name } = await requireTenant(db, id);
  if (!yes) {
    const rows = await countRows(db.pool, id);
    const size = (await measureTenants(db.pool, [id]))(id);
    print(`${name} would be deleted permanently, after an export to ${toExportsFolder(dataDir)}:`);
    for (const [table, count] of Object.entries(rows))
      if (count > 0) print(`    ${table}: ${formatCount(count, 'row')}`);
    print(`    total: ${formatCount(sum(rows), 'row')}, ${formatBytes(size)}`);
    if (existsSync(folder)) print(`    files of its agents, which are not exported: ${folder}`);
    print(`To delete it, run: npm run tenants -- remove ${id} --yes`);
    return;
  }
  const ids = await listAttachments(db, id);
  const copied = await copyAttachments(attachments, id, ids, toExportsFolder(dataDir));
  const { file, rows } = await removeTenant(db.pool, id, toExportsFolder(dataDir));
  await removeAttachments(attachments, id, ids);
  print(`✓ ${name} was deleted. Its ${formatCount(sum(rows), 'row')} were exported to ${file}`);
  if (copied) print(`    ${formatCount(ids.length, 'attachment')} in ${copied}`);
  // Only the server that runs an agent knows when its process has ended.
  const { count: servers } = await inspectCluster(db.pool, []);
  if (servers === 0) await rm(folder, { recursive: true, force: true });
  const agents =
    servers > 0 ? ' The server that runs its agents will stop them and delete their files within seconds.' : '';
  print(`    Its members keep their accounts.${agents}`);
}

async function requireTenant({ platform }: Database, id: string) {
  const tenant = await platform.organization.findUnique({ where: { id }, select: { name: true } });
  if (!tenant) throw new Error(`There is no tenant ${id}. npm run tenants lists them.`);
  return tenant;
}

const sum = (rows: Record<string, number>) => Object.values(rows).reduce((all, count) => all + count, 0);
