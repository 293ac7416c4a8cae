import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssistantEngine } from '@it0/api/agent/assistant/assistant';
import { createAllowList } from '@it0/api/agent/bridge/allow-list';
import { type Model, SCRIPTED_MODEL } from '@it0/api/agent/instance/model-settings';
import { DEFAULT_EVENT_DAYS } from '@it0/api/retention/delete-old-events';
import { INTERNET, parseReach } from '@it0/node/reach';
import { z } from 'zod';
import { DEFAULT_LIMITS, type ServerLimits } from './http/limits.ts';
import { PublicUrl } from './public-url.ts';
import type { TranscriberOptions } from './voice/openai-transcriber.ts';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const OPENAI_URL = 'https://api.openai.com/v1';

/** Treats an empty variable as unset. */
const set = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value || undefined, schema);

/** Creates a schema for a comma-separated list. */
const list = (defaultValue = '') =>
  set(z.string().default(defaultValue)).transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );

/** Creates a schema for a list that `parse` accepts. Its error becomes the issue. */
const parsedList = (parse: (entries: string[]) => unknown, defaultValue?: string) =>
  list(defaultValue).superRefine((entries, { addIssue }) => {
    try {
      parse(entries);
    } catch (error) {
      addIssue(error instanceof Error ? error.message : 'not a list of hosts');
    }
  });

/** Listen address. Refuses a zone, as in `fe80::1%eth0`, since a URL cannot contain it. */
const Host = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[\da-f:.]+|[\w.-]+)$/i, 'an address of this machine without a zone, or a name of it')
  .transform((host) => host.replaceAll(/[[\]]/g, ''));

const isAllOrNone = (values: unknown[]) => new Set(values.map((value) => value === undefined)).size === 1;

/** Environment variables of a server. */
export const Env = z
  .object({
    HOST: set(Host.default('127.0.0.1')),
    PORT: set(z.coerce.number().int().min(0).max(65_535).default(4000)),
    /** Data folder: the embedded database, the secret, attachments and instances. */
    IT0_DATA: set(z.string().default('.it0')).transform((dir) => resolve(checkout, dir)),
    /** Folder of what can be built again, such as compiled code; by default `cache` in the data folder. */
    IT0_CACHE: set(
      z
        .string()
        .transform((dir) => resolve(checkout, dir))
        .optional(),
    ),
    /** External PostgreSQL, instead of the embedded one in the data folder. */
    DATABASE_URL: set(z.url({ protocol: /^postgres(ql)?$/ }).optional()),
    /** Redis that carries events between servers on one database. Without it, PostgreSQL does. */
    REDIS_URL: set(z.url({ protocol: /^rediss?$/ }).optional()),
    /** Public origin, when it differs from the listen address. Links in emails use it. */
    IT0_URL: set(PublicUrl.optional()),
    /** Trusted proxies that report a client's address: addresses, subnets or `loopback`. */
    TRUST_PROXY: list(),
    /**
     * Secret that the nearest proxy sends as `X-Proxy-Secret`, so that agents on this machine cannot impersonate it.
     */
    TRUST_PROXY_SECRET: set(z.string().min(16).optional()),
    /**
     * Allowed hosts of remote bridges: names (`*.` for subdomains), addresses and subnets, each with an optional
     * `:port`.
     */
    BRIDGE_ALLOW: parsedList(createAllowList),
    /** Allowed hosts of models with a custom base URL: `internet`, or entries as in BRIDGE_ALLOW. */
    MODEL_ALLOW: parsedList(parseReach, INTERNET),
    /** OpenID Connect provider for sign-in. All three or none. Requires IT0_URL. */
    OIDC_ISSUER: set(z.url({ protocol: /^https?$/ }).optional()),
    OIDC_CLIENT_ID: set(z.string().optional()),
    OIDC_CLIENT_SECRET: set(z.string().optional()),
    /** Whether addresses count as verified when the provider sends no `email_verified`. */
    OIDC_TRUST_EMAIL: set(z.enum(['yes', 'no']).default('no')),
    /** Mail server, with user and password in the URL, and the sender. Both or none. Requires IT0_URL. */
    SMTP_URL: set(z.url({ protocol: /^smtps?$/ }).optional()),
    MAIL_FROM: set(
      z
        .string()
        .regex(/^([^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, 'one address, or a name and an address in <>')
        .optional(),
    ),
    /** Default model of agents. Anthropic's key takes precedence. */
    ANTHROPIC_API_KEY: set(z.string().optional()),
    ANTHROPIC_BASE_URL: set(z.url({ protocol: /^https?$/ }).optional()),
    OPENAI_API_KEY: set(z.string().optional()),
    OPENAI_BASE_URL: set(z.url({ protocol: /^https?$/ }).optional()),
    IT0_MODEL: set(z.string().max(200).optional()),
    /** Speech recognition with OpenAI's API: the base URL, such as `https://api.openai.com/v1`, its key and model. */
    VOICE_STT_URL: set(z.url({ protocol: /^https?$/ }).optional()),
    VOICE_STT_KEY: set(z.string().optional()),
    VOICE_STT_MODEL: set(z.string().max(200).default('gpt-4o-mini-transcribe')),
    /** Engine of iAgent. */
    IT0_ASSISTANT: set(z.enum([...AssistantEngine.options, 'off']).default('claude-api')),
    /** S3-compatible bucket for attachments, instead of the data folder. All four or none. */
    S3_ENDPOINT: set(z.url({ protocol: /^https?$/ }).optional()),
    S3_BUCKET: set(z.string().optional()),
    S3_ACCESS_KEY_ID: set(z.string().optional()),
    S3_SECRET_ACCESS_KEY: set(z.string().optional()),
    S3_REGION: set(z.string().default('us-east-1')),
    /** Limit of messages per minute and person. */
    IT0_TASKS_PER_MINUTE: set(z.coerce.number().int().min(1).default(120)),
    /** Allows agents of several tenants on this machine without isolation. */
    IT0_ALLOW_UNISOLATED: set(z.enum(['yes', 'no']).default('no')),
    /** Limits of calls per minute and of open WebSockets, per person. */
    IT0_CALLS_PER_MINUTE: set(z.coerce.number().int().min(2).default(DEFAULT_LIMITS.callsPerMinute)),
    IT0_SOCKETS_PER_PERSON: set(z.coerce.number().int().min(1).default(DEFAULT_LIMITS.socketsPerPerson)),
    /** Limits in MB of all files of an organization, and of one person's files without a message. */
    IT0_STORAGE_MB: set(z.coerce.number().int().min(1).default(DEFAULT_LIMITS.storage.tenantMb)),
    IT0_STORAGE_UNSENT_MB: set(z.coerce.number().int().min(1).default(DEFAULT_LIMITS.storage.unsentMb)),
    /** Days for which the events of an ended task are stored; 0 for ever. Messages are not affected. */
    IT0_EVENT_DAYS: set(z.coerce.number().int().min(0).max(36_500).default(DEFAULT_EVENT_DAYS)),
    /** Free space in MB on the disk of the data folder below which agents run no commands and write no files. */
    IT0_DISK_FLOOR_MB: set(z.coerce.number().int().min(0).optional()),
    /** Secret for encryption and signatures. When unset, the first start creates one in the data folder. */
    IT0_SECRET: set(z.string().min(32).optional()),
    /** Next secret during a rotation. Data and tokens of servers that already use it are accepted. */
    IT0_SECRET_NEXT: set(z.string().min(32).optional()),
    /** Previous secret during a rotation. Its data is re-encrypted, and its signatures are still accepted. */
    IT0_SECRET_BEFORE: set(z.string().min(32).optional()),
    /** Time in seconds for which a server that is being stopped still accepts requests, but is not ready. */
    IT0_DRAIN_SECONDS: set(z.coerce.number().min(0).max(300).default(0)),
    /** Bearer token for `/metrics`. Without it, `/metrics` responds only to this machine. */
    METRICS_TOKEN: set(z.string().min(16).optional()),
    LOG_LEVEL: set(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn')),
    NODE_ENV: z.string().optional(),
  })
  .refine(({ NODE_ENV, IT0_SECRET }) => NODE_ENV !== 'production' || IT0_SECRET, {
    path: ['IT0_SECRET'],
    message: 'required with NODE_ENV=production; store it with your backups',
  })
  .refine((env) => isAllOrNone([env.OIDC_ISSUER, env.OIDC_CLIENT_ID, env.OIDC_CLIENT_SECRET]), {
    path: ['OIDC_ISSUER'],
    message: 'set all of OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none',
  })
  .refine((env) => isAllOrNone([env.S3_ENDPOINT, env.S3_BUCKET, env.S3_ACCESS_KEY_ID, env.S3_SECRET_ACCESS_KEY]), {
    path: ['S3_ENDPOINT'],
    message: 'set all of S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or none',
  })
  .refine((env) => isAllOrNone([env.SMTP_URL, env.MAIL_FROM]), {
    path: ['SMTP_URL'],
    message: 'set both SMTP_URL and MAIL_FROM, or neither',
  })
  .refine(({ OIDC_ISSUER, SMTP_URL, IT0_URL }) => IT0_URL || !(OIDC_ISSUER || SMTP_URL), {
    path: ['IT0_URL'],
    message: 'required with OIDC_ISSUER or SMTP_URL: sign-in redirects and links in mails lead there',
  });
export type Env = z.infer<typeof Env>;

/** Returns the identity provider; undefined when not configured. */
export function toOidcOptions(env: Env) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  const trustEmail = env.OIDC_TRUST_EMAIL === 'yes' || undefined;
  return issuer && clientId && clientSecret ? { issuer, clientId, clientSecret, trustEmail } : undefined;
}

/** Returns the limits per person and per organization. */
export const toServerLimits = (env: Env): ServerLimits => ({
  callsPerMinute: env.IT0_CALLS_PER_MINUTE,
  socketsPerPerson: env.IT0_SOCKETS_PER_PERSON,
  storage: { tenantMb: env.IT0_STORAGE_MB, unsentMb: env.IT0_STORAGE_UNSENT_MB },
});

/** Returns the mail settings; undefined when not configured. */
export const toMailOptions = ({ SMTP_URL: url, MAIL_FROM: from, IT0_URL: publicUrl }: Env) =>
  url && from && publicUrl ? { url, from, publicUrl } : undefined;

/** Returns the bucket for attachments; undefined when not configured. */
export const toS3Options = (env: Env) =>
  env.S3_ENDPOINT && env.S3_BUCKET && env.S3_ACCESS_KEY_ID && env.S3_SECRET_ACCESS_KEY
    ? {
        ...{ endpoint: env.S3_ENDPOINT, region: env.S3_REGION, bucket: env.S3_BUCKET },
        ...{ accessKeyId: env.S3_ACCESS_KEY_ID, secretAccessKey: env.S3_SECRET_ACCESS_KEY },
      }
    : undefined;

/** Reads the server's configuration. Throws an error of one line that names the variables, never their values. */
export function readEnv(): Env {
  const parsed = Env.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The server cannot start: ${problems.join('; ')}`);
}

/** Returns the default model, by the same precedence as in a bridge. Without a key it is the scripted model. */
export function toServerModel(env: Env): Model {
  const name = env.IT0_MODEL ?? null;
  const { ANTHROPIC_API_KEY: anthropicKey, OPENAI_API_KEY: openAiKey } = env;
  if (anthropicKey) return { provider: 'anthropic', name, baseUrl: env.ANTHROPIC_BASE_URL ?? null, key: anthropicKey };
  if (openAiKey) return { provider: 'openai-compatible', name, baseUrl: env.OPENAI_BASE_URL ?? null, key: openAiKey };
  return SCRIPTED_MODEL;
}

/**
 * Returns the provider of speech recognition: the configured one, else OpenAI with the key of its models, else the
 * scripted one where the replies are scripted, too. Undefined without one.
 */
export function toSpeechOptions(env: Env): TranscriberOptions | 'scripted' | undefined {
  const { VOICE_STT_URL, VOICE_STT_KEY: key, VOICE_STT_MODEL: model, OPENAI_API_KEY, OPENAI_BASE_URL } = env;
  if (VOICE_STT_URL) return { url: VOICE_STT_URL, key, model, host: new URL(VOICE_STT_URL).host };
  if (OPENAI_API_KEY && !OPENAI_BASE_URL)
    return { url: OPENAI_URL, key: OPENAI_API_KEY, model, host: new URL(OPENAI_URL).host };
  return toServerModel(env) === SCRIPTED_MODEL ? 'scripted' : undefined;
}

/** Returns the engine of iAgent; undefined when it is off. */
export const toAssistantEngine = ({ IT0_ASSISTANT: engineType }: Env) =>
  engineType === 'off' ? undefined : engineType;

/**
 * Returns the environment variables that bridges on this machine inherit: paths, locale, proxies and model settings.
 */
export function readBridgeEnv(): Record<string, string> {
  const inherited =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|SSH_AUTH_SOCK|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy|ANTHROPIC_API_KEY|ANTHROPIC_BASE_URL|CLAUDE_PATH|OPENAI_API_KEY|OPENAI_BASE_URL|IT0_MODEL|IT0_DISK_FLOOR_MB|MODEL_ALLOW|LOG_LEVEL)$/i;
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && inherited.test(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}
