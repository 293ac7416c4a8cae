import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

export type JsonFile<T> = { read(): T | undefined; write(value: T): void; remove(): void };

/**
 * Opens a JSON file that only its owner can access. `read` returns undefined for a missing file, and throws for an invalid
 * one. Writes are atomic, also when the machine crashes.
 */
export function openJsonFile<T>(dir: string, name: string, schema: z.ZodType<T>): JsonFile<T> {
  const file = join(dir, name);
  return {
    read() {
      if (!existsSync(file)) return undefined;
      try {
        return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch (cause) {
        throw new Error(`Cannot read ${file}.`, { cause });
      }
    },
    write(value) {
      const temporary = `${file}.new`;
      writeFileSync(temporary, JSON.stringify(value), { mode: 0o600, flush: true });
      renameSync(temporary, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}
