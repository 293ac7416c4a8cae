import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlQuery } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

/**
 * Returns the SQL that changes the `public` schema of a database to `prisma/<kind>/schema.prisma`. Uses the WebAssembly
 * build of Prisma's schema engine from npm, since the CLI would download a native one.
 */
export async function diffSchema(url: string, kind: 'platform' | 'tenant'): Promise<string> {
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

/** Object ids of the types "char" and character. */
const [CHAR, BPCHAR] = [18, 1042];

/** Adapter that also reads Postgres's internal type "char", which the system catalogs use. */
class CatalogReader extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const { queryRaw } = adapter;
    const pool = adapter.underlyingDriver();
    return Object.assign(adapter, {
      async queryRaw(query: SqlQuery) {
        const charColumns: number[] = [];
        const client = {
          async query(config: pg.QueryArrayConfig) {
            const result = await pool.query(config);
            for (const [index, field] of result.fields.entries())
              if (field.dataTypeID === CHAR) {
                field.dataTypeID = BPCHAR;
                charColumns.push(index);
              }
            return result;
          },
        };
        const set = await queryRaw.call(Object.create(adapter, { client: { value: client } }), query);
        for (const index of charColumns) set.columnTypes[index] = ColumnTypeEnum.Character;
        return set;
      },
    });
  }
}
