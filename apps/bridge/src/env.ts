import { resolve } from 'node:path';
import { EngineType } from '@it0/contracts/instance';
import { limits } from '@it0/contracts/limits';
import { z } from 'zod';

const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value || undefined, schema.optional());

const Env = z.object({
  BRIDGE_DIR: z
    .string()
    .min(1)
    .transform((dir) => resolve(dir)),
  BRIDGE_HOST: z.string().default('127.0.0.1'),
  BRIDGE_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  BRIDGE_SECRET: z.string().min(16),
  /** `shared-secret` for a bridge that proves to clients that it has the secret (see `shared-secret-tls.ts`). */
  BRIDGE_TLS: z.enum(['none', 'shared-secret']).default('none'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  BRIDGE_ENGINE: EngineType.default('openclaw'),
  /** Which process runs approved commands outside the sandbox: the server that started this bridge, or the bridge. */
  BRIDGE_OUTSIDE: z.enum(['server', 'bridge', 'none']).default('none'),
  /** The longest time an approval may stay pending. */
  BRIDGE_APPROVAL_MS: optional(z.coerce.number().int().min(1).max(limits.approvalMs)),
  /** The space in MB that agents leave free on the disk. */
  IT0_DISK_FLOOR_MB: optional(z.coerce.number().int().min(0)),
  /** `off` when the owner chose to run commands without a sandbox. */
  BRIDGE_SANDBOX: z.enum(['on', 'off']).default('on'),
  /** The folder of a compile cache that the gateways of this machine share. */
  BRIDGE_COMPILE_CACHE: optional(z.string()),
  OPENCLAW_URL: optional(z.url({ protocol: /^wss?$/ })),
  OPENCLAW_TOKEN: optional(z.string()),
  BRIDGE_TOOLS_PORT: optional(z.coerce.number().int().min(1).max(65_535)),
  BRIDGE_TOOLS_TOKEN: optional(z.string().min(16)),
  ANTHROPIC_API_KEY: optional(z.string()),
  ANTHROPIC_BASE_URL: optional(z.url({ protocol: /^https?$/ })),
  CLAUDE_PATH: optional(z.string()),
  OPENAI_API_KEY: optional(z.string()),
  OPENAI_BASE_URL: optional(z.url({ protocol: /^https?$/ })),
  /** The hosts that the model may be on. Set when its address was chosen by someone without access to this machine. */
  MODEL_ALLOW: optional(z.string()),
  IT0_MODEL: optional(z.string().max(200)),
});
export type Env = z.infer<typeof Env>;

/** Parses the bridge's configuration. Throws an error of one line that names invalid variables without their values. */
export function readEnv(environment: NodeJS.ProcessEnv = process.env): Env {
  const parsed = Env.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The bridge cannot start: ${problems.join('; ')}`);
}

/** Returns a copy of this process's environment. */
export const readHostEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env });

/** Lists the secrets of a configuration, which must not appear in logs. */
export const listSecrets = (env: Env) =>
  [env.BRIDGE_SECRET, env.OPENCLAW_TOKEN, env.BRIDGE_TOOLS_TOKEN, env.ANTHROPIC_API_KEY, env.OPENAI_API_KEY].filter(
    (secret) => secret !== undefined,
  );

/** Returns the environment variables for an agent's own processes. None of them is a secret. */
export const readAgentEnvironment = (): Record<string, string> => {
  const allowed = /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|NODE_EXTRA_CA_CERTS)$/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && allowed.test(name) ? [[name, value]] : [],
    ),
  );
};
