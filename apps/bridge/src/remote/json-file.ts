import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

export type JsonFile<T> = { read(): T | undefined; write(value: T): void; remove(): void };

/** Something kept in a folder for its owner's eyes alone, whole or not at all whenever the machine stops. */
export function openJsonFile<T>(dir: string, name: string, schema: z.ZodType<T>): JsonFile<T> {
  const file = join(dir, name);
  return {
    read() {
      if (!existsSync(file)) return undefined;
      try {
        return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch (cause) {
        throw new Error(`${file} cannot be read.`, { cause });
      }
    },
    write(value) {
      const fresh = `${file}.new`;
      writeFileSync(fresh, JSON.stringify(value), { mode: 0o600, flush: true });
      renameSync(fresh, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}
