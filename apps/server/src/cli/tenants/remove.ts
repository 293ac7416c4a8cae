import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import { findClusterServers } from '@it0/db/cluster';
import type { Database } from '@it0/db/database';
import { exportTenant } from '@it0/db/tenant-export';
import { removeTenant } from '@it0/db/tenant-removal';
import { measureTenants } from '@it0/db/tenant-sizes';
import { countRows } from '@it0/db/tenant-sources';
import { tenantFolder } from '../../instances/drivers/driver.ts';
import { copyAttachments, listAttachments, removeAttachments } from './attachments.ts';
import { counted, shownBytes } from './list.ts';

type Say = (line: string) => void;
/** Where a server has what is not in the database. */
type Kept = { dataDir: string; attachments: AttachmentStore };

const exportsOf = (dataDir: string) => join(dataDir, 'exports');

export async function sayExport(db: Database, tenantId: string, { dataDir, attachments }: Kept, say: Say) {
  const { name } = await requireTenant(db, tenantId);
  const { file, rows } = await exportTenant(db.pool, tenantId, exportsOf(dataDir));
  const ids = await listAttachments(db, tenantId);
  const copied = await copyAttachments(attachments, tenantId, ids, exportsOf(dataDir));
  say(`✓ ${name}: ${counted(sum(rows), 'row')} in ${file}`);
  if (copied) say(`    ${counted(ids.length, 'attachment')} in ${copied}`);
}

/** Removes a tenant; unasked for, says what that would do. */
export async function sayRemoval(db: Database, { id, yes }: { id: string; yes: boolean }, kept: Kept, say: Say) {
  const { dataDir, attachments } = kept;
  const folder = tenantFolder(dataDir, id);
  const { name } = await requireTenant(db, id);
  if (!yes) {
    const rows = await countRows(db.pool, id);
    const size = (await measureTenants(db.pool, [id]))(id);
    say(`${name} would be removed for good, after an export to ${exportsOf(dataDir)}:`);
    for (const [table, count] of Object.entries(rows)) if (count > 0) say(`    ${table}: ${counted(count, 'row')}`);
    say(`    in all ${counted(sum(rows), 'row')}, ${shownBytes(size)}`);
    if (existsSync(folder)) say(`    what its agents kept, which is not exported: ${folder}`);
    say(`To do it: npm run tenants -- remove ${id} --yes`);
    return;
  }
  const ids = await listAttachments(db, id);
  const copied = await copyAttachments(attachments, id, ids, exportsOf(dataDir));
  const { file, rows } = await removeTenant(db.pool, id, exportsOf(dataDir));
  await removeAttachments(attachments, id, ids);
  say(`✓ ${name} is removed. What it had, ${counted(sum(rows), 'row')}, stands in ${file}`);
  if (copied) say(`    ${counted(ids.length, 'attachment')} in ${copied}`);
  // Only the server that runs an agent knows when it has ended.
  const { count: servers } = await findClusterServers(db.pool, []);
  if (servers === 0) await rm(folder, { recursive: true, force: true });
  const agents = servers > 0 ? ' The server that runs its agents ends them in seconds and deletes what they kept.' : '';
  say(`    Its people keep their accounts.${agents}`);
}

async function requireTenant({ platform }: Database, id: string) {
  const tenant = await platform.organization.findUnique({ where: { id }, select: { name: true } });
  if (!tenant) throw new Error(`There is no tenant ${id}. npm run tenants lists them.`);
  return tenant;
}

const sum = (rows: Record<string, number>) => Object.values(rows).reduce((all, count) => all + count, 0);
