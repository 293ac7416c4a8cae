import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const set = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value || undefined, schema);

const Env = z.object({
  HOST: set(z.string().default('127.0.0.1')),
  PORT: set(z.coerce.number().int().min(0).max(65_535).default(4000)),
  /** Where everything is kept. */
  IT0_DATA: set(z.string().default('.it0')).transform((dir) => resolve(checkout, dir)),
  /** A Postgres of one's own instead of the one in the data folder. */
  DATABASE_URL: set(z.url({ protocol: /^postgres(ql)?$/ }).optional()),
  /** Carries events among the servers on one database; without it, that database does. */
  REDIS_URL: set(z.url({ protocol: /^rediss?$/ }).optional()),
  /** What is sealed and signed depends on it; made on the first start and kept in the data folder when it is not given. */
  IT0_SECRET: set(z.string().min(32).optional()),
  /** The secret there was before that one, for the first start with the new one and the day after. */
  IT0_SECRET_BEFORE: set(z.string().min(32).optional()),
  /** What `/metrics` asks for as a bearer token; without it, only this machine may read them. */
  METRICS_TOKEN: set(z.string().min(16).optional()),
  LOG_LEVEL: set(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn')),
});
export type Env = z.infer<typeof Env>;

/** The server's configuration. Throws one line that names what is wrong, never a value. */
export function readEnv(): Env {
  const parsed = Env.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The server cannot start: ${wrong.join('; ')}`);
}

/** What the bridges on this machine get of the environment: where things are, and the keys of their models. */
export function bridgeEnv(): Record<string, string> {
  const passed =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|SSH_AUTH_SOCK|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy|ANTHROPIC_API_KEY|OPENAI_API_KEY|OPENAI_BASE_URL|IT0_MODEL|LOG_LEVEL)$/i;
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && passed.test(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}
