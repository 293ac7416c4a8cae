import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlQuery } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

/**
 * The SQL that leads from what a database's `public` schema is to what `prisma/<kind>/schema.prisma` says. By Prisma's
 * own engine, in the WebAssembly build that npm has: the CLI would fetch a native one.
 */
export async function schemaDiff(url: string, kind: 'platform' | 'tenant'): Promise<string> {
  const path = fileURLToPath(new URL(`../../../prisma/${kind}/schema.prisma`, import.meta.url));
  const files = [{ path, content: await readFile(path, 'utf8') }];
  const pool = new pg.Pool({ connectionString: url });
  const adapters = bindMigrationAwareSqlAdapterFactory(new CatalogReader(pool));
  const engine = await SchemaEngine.new(
    { datamodels: files.map((file) => [file.path, file.content]) },
    () => {},
    adapters,
  );
  const { stdout } = await engine.diff({
    from: { tag: 'schemaDatasource', files, configDir: '/' },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  await pool.end();
  return stdout ?? '';
}

const [char, bpchar] = [18, 1042];

/** Teaches the adapter Postgres's internal type "char", which the catalogues use. */
class CatalogReader extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const { queryRaw } = adapter;
    const pool = adapter.underlyingDriver();
    return Object.assign(adapter, {
      async queryRaw(query: SqlQuery) {
        const chars: number[] = [];
        const client = {
          async query(config: pg.QueryArrayConfig) {
            const result = await pool.query(config);
            for (const [index, field] of result.fields.entries())
              if (field.dataTypeID === char) {
                field.dataTypeID = bpchar;
                chars.push(index);
              }
            return result;
          },
        };
        const set = await queryRaw.call(Object.create(adapter, { client: { value: client } }), query);
        for (const index of chars) set.columnTypes[index] = ColumnTypeEnum.Character;
        return set;
      },
    });
  }
}
