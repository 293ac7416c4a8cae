import type { Pool } from 'pg';

/** Describes every object of the schema $1 from the system catalogs, one per row. */
const CATALOG = `
  WITH relation AS (SELECT c.* FROM pg_class c WHERE c.relnamespace = $1::regnamespace)
  SELECT 'relation' AS "kind", c.relname AS "of", '' AS "name", concat_ws(' ', c.relkind, c.relpersistence,
      c.reloptions::text, c.relrowsecurity, pg_get_viewdef(CASE WHEN c.relkind IN ('v', 'm') THEN c.oid END)) AS "text"
    FROM relation c
  UNION ALL SELECT 'column', c.relname, a.attname, concat_ws(' ', row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
      format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
      a.attcollation::regcollation, a.attstorage)
    FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE c.relkind IN ('r', 'p', 'v', 'm')
  UNION ALL SELECT 'index', i.indrelid::regclass::text, c.relname, concat_ws(' ', pg_get_indexdef(c.oid), i.indisvalid)
    FROM relation c JOIN pg_index i ON i.indexrelid = c.oid
  UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, concat_ws(' ', pg_get_constraintdef(oid), convalidated)
    FROM pg_constraint WHERE connamespace = $1::regnamespace
  UNION ALL SELECT 'type', t.typname, '', concat_ws(' ', t.typtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull,
      t.typdefault, (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)::text)
    FROM pg_type t WHERE t.typnamespace = $1::regnamespace AND t.typtype IN ('e', 'd', 'r')
  UNION ALL SELECT 'sequence', c.relname, '', s::text FROM relation c JOIN LATERAL (
      SELECT format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax, seqcycle FROM pg_sequence
      WHERE seqrelid = c.oid) s ON true
  UNION ALL SELECT 'function', proname, '', pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = $1::regnamespace AND prokind IN ('f', 'p')
  UNION ALL SELECT 'trigger', c.relname, t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
    FROM relation c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
  ORDER BY 1, 2, 3, 4`;

/** Describes the objects of a schema without its name, so that equal schemas have equal descriptions. */
export async function readCatalog(pool: Pool, schema: string): Promise<string[]> {
  const { rows } = await pool.query<Record<'kind' | 'of' | 'name' | 'text', string>>(CATALOG, [schema]);
  return rows
    .map(({ kind, of, name, text }) => [kind, of, name, text].join(' | ').replaceAll(schema, '<schema>'))
    .sort();
}
