import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssistantEngine } from '@it0/api/agent/assistant/assistant';
import { createAllowList } from '@it0/api/agent/bridge/allow-list';
import { type Model, scriptedModel } from '@it0/api/agent/instance/model-settings';
import { INTERNET, parseReach } from '@it0/node/reach';
import { z } from 'zod';
import { type ServerLimits, serverLimits } from './http/limits.ts';
import { PublicUrl } from './public-url.ts';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const set = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value || undefined, schema);

/** Items with commas between. */
const list = (otherwise = '') =>
  set(z.string().default(otherwise)).transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );

/** Creates a schema for a list that `read` parses. Its error becomes the issue. */
const readable = (read: (entries: string[]) => unknown, otherwise?: string) =>
  list(otherwise).superRefine((entries, { addIssue }) => {
    try {
      read(entries);
    } catch (error) {
      addIssue(error instanceof Error ? error.message : 'is no list of hosts');
    }
  });

/** Listen address. A zone, as in `fe80::1%eth0`, is refused, since a URL cannot contain it. */
const Host = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[\da-f:.]+|[\w.-]+)$/i, 'an address of this machine without a zone, or a name of it')
  .transform((host) => host.replaceAll(/[[\]]/g, ''));

const isAllOrNone = (values: unknown[]) => new Set(values.map((value) => value === undefined)).size === 1;

const Env = z
  .object({
    HOST: set(Host.default('127.0.0.1')),
    PORT: set(z.coerce.number().int().min(0).max(65_535).default(4000)),
    /** Where everything is kept. */
    IT0_DATA: set(z.string().default('.it0')).transform((dir) => resolve(checkout, dir)),
    /** A Postgres of one's own instead of the one in the data folder. */
    DATABASE_URL: set(z.url({ protocol: /^postgres(ql)?$/ }).optional()),
    /** Carries events among the servers on one database; without it, that database does. */
    REDIS_URL: set(z.url({ protocol: /^rediss?$/ }).optional()),
    /** Where people reach the server, when that is not where it listens: links in e-mails begin with it. */
    IT0_URL: set(PublicUrl.optional()),
    /** Which proxies stand before it and tell a client's address: addresses, subnets or `loopback`, with commas between. */
    TRUST_PROXY: list(),
    /** What the nearest of them sends as `X-Proxy-Secret`, so that agents on this machine cannot pass for it. */
    TRUST_PROXY_SECRET: set(z.string().min(16).optional()),
    /** Where bridges on other hosts may be reached: names (`*.` for all below one), addresses, subnets, `:port` after each. */
    BRIDGE_ALLOW: readable(createAllowList),
    /** Allowed hosts of models with a custom address: `internet`, and the same kinds of entries. */
    MODEL_ALLOW: readable(parseReach, INTERNET),
    /** An identity provider that people can sign in with too; all three, or none. It needs IT0_URL. */
    OIDC_ISSUER: set(z.url({ protocol: /^https?$/ }).optional()),
    OIDC_CLIENT_ID: set(z.string().optional()),
    OIDC_CLIENT_SECRET: set(z.string().optional()),
    /** Whether addresses count as verified when the provider sends no `email_verified`. */
    OIDC_TRUST_EMAIL: set(z.enum(['yes', 'no']).default('no')),
    /** What mails are sent through, with user and password in it, and who they are from; both, or none. They need IT0_URL. */
    SMTP_URL: set(z.url({ protocol: /^smtps?$/ }).optional()),
    MAIL_FROM: set(
      z
        .string()
        .regex(/^([^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, 'one address, or a name and an address in <>')
        .optional(),
    ),
    /** The model that agents answer with unless they have one of their own: Anthropic's key counts before the other. */
    ANTHROPIC_API_KEY: set(z.string().optional()),
    ANTHROPIC_BASE_URL: set(z.url({ protocol: /^https?$/ }).optional()),
    OPENAI_API_KEY: set(z.string().optional()),
    OPENAI_BASE_URL: set(z.url({ protocol: /^https?$/ }).optional()),
    IT0_MODEL: set(z.string().max(200).optional()),
    /** What answers as iAgent. */
    IT0_ASSISTANT: set(z.enum([...AssistantEngine.options, 'off']).default('claude-api')),
    /** Where attachments are kept instead of the data folder: a bucket of anything that speaks S3. All four, or none. */
    S3_ENDPOINT: set(z.url({ protocol: /^https?$/ }).optional()),
    S3_BUCKET: set(z.string().optional()),
    S3_ACCESS_KEY_ID: set(z.string().optional()),
    S3_SECRET_ACCESS_KEY: set(z.string().optional()),
    S3_REGION: set(z.string().default('us-east-1')),
    /** How many messages a person may send a minute. */
    IT0_TASKS_PER_MINUTE: set(z.coerce.number().int().min(1).default(120)),
    /** Allows agents of several tenants on this machine without isolation. */
    IT0_ALLOW_UNISOLATED: set(z.enum(['yes', 'no']).default('no')),
    /** Limits of calls per minute and of open WebSockets, per person. */
    IT0_CALLS_PER_MINUTE: set(z.coerce.number().int().min(2).default(serverLimits.callsPerMinute)),
    IT0_SOCKETS_PER_PERSON: set(z.coerce.number().int().min(1).default(serverLimits.socketsPerPerson)),
    /** Limits in MB of all files of an organization, and of one person's files without a message. */
    IT0_STORAGE_MB: set(z.coerce.number().int().min(1).default(serverLimits.storage.tenantMb)),
    IT0_STORAGE_UNSENT_MB: set(z.coerce.number().int().min(1).default(serverLimits.storage.unsentMb)),
    /** Free space in MB on the disk of the data folder, below which agents run no command and write no file. */
    IT0_DISK_FLOOR_MB: set(z.coerce.number().int().min(0).optional()),
    /** What is sealed and signed depends on it; made on the first start and kept in the data folder when it is not given. */
    IT0_SECRET: set(z.string().min(32).optional()),
    /** The secret that will come after it: what other servers seal and sign with it is taken already. */
    IT0_SECRET_NEXT: set(z.string().min(32).optional()),
    /** The secret there was before it: what that one sealed is sealed anew, and what it signed is still taken. */
    IT0_SECRET_BEFORE: set(z.string().min(32).optional()),
    /** What `/metrics` asks for as a bearer token; without it, only this machine may read them. */
    METRICS_TOKEN: set(z.string().min(16).optional()),
    LOG_LEVEL: set(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn')),
    NODE_ENV: z.string().optional(),
  })
  .refine(({ NODE_ENV, IT0_SECRET }) => NODE_ENV !== 'production' || IT0_SECRET, {
    path: ['IT0_SECRET'],
    message: 'with NODE_ENV=production it must be given, and kept with your backups',
  })
  .refine((env) => isAllOrNone([env.OIDC_ISSUER, env.OIDC_CLIENT_ID, env.OIDC_CLIENT_SECRET]), {
    path: ['OIDC_ISSUER'],
    message: 'OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together',
  })
  .refine((env) => isAllOrNone([env.S3_ENDPOINT, env.S3_BUCKET, env.S3_ACCESS_KEY_ID, env.S3_SECRET_ACCESS_KEY]), {
    path: ['S3_ENDPOINT'],
    message: 'S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY go together',
  })
  .refine((env) => isAllOrNone([env.SMTP_URL, env.MAIL_FROM]), {
    path: ['SMTP_URL'],
    message: 'SMTP_URL and MAIL_FROM go together',
  })
  .refine(({ OIDC_ISSUER, SMTP_URL, IT0_URL }) => IT0_URL || !(OIDC_ISSUER || SMTP_URL), {
    path: ['IT0_URL'],
    message: 'the identity provider sends people back there, and links in mails lead there',
  });
export type Env = z.infer<typeof Env>;

/** The identity provider to sign in with, if there is one. */
export function oidcOf(env: Env) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  const trustEmail = env.OIDC_TRUST_EMAIL === 'yes' || undefined;
  return issuer && clientId && clientSecret ? { issuer, clientId, clientSecret, trustEmail } : undefined;
}

/** Returns the limits per person and per organization. */
export const limitsOf = (env: Env): ServerLimits => ({
  callsPerMinute: env.IT0_CALLS_PER_MINUTE,
  socketsPerPerson: env.IT0_SOCKETS_PER_PERSON,
  storage: { tenantMb: env.IT0_STORAGE_MB, unsentMb: env.IT0_STORAGE_UNSENT_MB },
});

/** How mails are sent, if they are. */
export const mailOf = ({ SMTP_URL: url, MAIL_FROM: from, IT0_URL: publicUrl }: Env) =>
  url && from && publicUrl ? { url, from, publicUrl } : undefined;

/** The bucket that attachments are kept in, if there is one. */
export const s3Of = (env: Env) =>
  env.S3_ENDPOINT && env.S3_BUCKET && env.S3_ACCESS_KEY_ID && env.S3_SECRET_ACCESS_KEY
    ? {
        ...{ endpoint: env.S3_ENDPOINT, region: env.S3_REGION, bucket: env.S3_BUCKET },
        ...{ accessKeyId: env.S3_ACCESS_KEY_ID, secretAccessKey: env.S3_SECRET_ACCESS_KEY },
      }
    : undefined;

/** The server's configuration. Throws one line that names what is wrong, never a value. */
export function readEnv(): Env {
  const parsed = Env.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The server cannot start: ${wrong.join('; ')}`);
}

/** The model of the agents that have none of their own, by the rule their bridges have; without a key the scripted one. */
export function serverModelOf(env: Env): Model {
  const name = env.IT0_MODEL ?? null;
  const { ANTHROPIC_API_KEY: anthropicKey, OPENAI_API_KEY: openAiKey } = env;
  if (anthropicKey) return { provider: 'anthropic', name, baseUrl: env.ANTHROPIC_BASE_URL ?? null, key: anthropicKey };
  if (openAiKey) return { provider: 'openai-compatible', name, baseUrl: env.OPENAI_BASE_URL ?? null, key: openAiKey };
  return scriptedModel;
}

/** What answers as iAgent, if something does. */
export const assistantOf = ({ IT0_ASSISTANT: engineType }: Env) => (engineType === 'off' ? undefined : engineType);

/** What the bridges on this machine get of the environment: where things are, and the keys of their models. */
export function bridgeEnv(): Record<string, string> {
  const passed =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|SSH_AUTH_SOCK|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy|ANTHROPIC_API_KEY|ANTHROPIC_BASE_URL|CLAUDE_PATH|OPENAI_API_KEY|OPENAI_BASE_URL|IT0_MODEL|IT0_DISK_FLOOR_MB|MODEL_ALLOW|LOG_LEVEL)$/i;
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && passed.test(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}
