// Generates the Prisma clients into src/generated without network access. The CLI would download its native schema
// engine, which generating does not use; the path of any existing file prevents that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' };

const generate = async (name) => {
  const schema = fileURLToPath(new URL(`../../../prisma/${name}/schema.prisma`, import.meta.url));
  const child = spawn(process.execPath, [prisma, 'generate', '--no-hints', '--schema', schema], {
    env,
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exitCode = 1;
};

await Promise.all(['platform', 'tenant'].map(generate));
