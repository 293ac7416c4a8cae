import { z } from 'zod';
import { BridgeHealth } from './bridge.ts';
import { Id } from './ids.ts';
import { limits } from './limits.ts';
import { count } from './number.ts';
import { shortLine, storableString } from './text.ts';

/**
 * What a bridge on another host and the server say to each other. The bridge always asks: it enrolls once, and from then
 * on checks in for as long as it lives. Below the server's own address, all `POST`, answers as of a callback: 200, 401,
 * 412 for a bridge that is too old, 413, 422 with the zod issues, 429 and 503 with Retry-After.
 */
const path = '/api/v1/agent/bridges';
export const ENROLL_PATH = `${path}/enroll`;
export const CHECK_IN_PATH = `${path}/check-in`;
export const RESPONSES_PATH = `${path}/responses`;

/** Counts what a bridge and a server have to agree on: the newest there is, and the oldest a server still takes. */
export const BRIDGE_PROTOCOL = { newest: 3, oldest: 3 } as const;

/** How long a check-in waits at most for something to do, and how soon one that does not wait comes again, in milliseconds. */
export const CHECK_IN_TIMING = { waitMs: 10_000, everyMs: 5_000 } as const;

/** Characters of a host name, so that an address is safe in a command to copy. */
const plainHost = /^([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])$/;
/** An address without user, query and fragment. */
const isPlain = (value: string) => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return plainHost.test(url.hostname) && !url.username && !url.password && !/[?#]/.test(url.href);
};

const Url = z
  .url({ protocol: /^https?$/ })
  .max(limits.url)
  .refine(isPlain, 'An address here is a scheme, a host, a port and a path.');

const BridgeInfo = z.object({
  protocol: count(),
  /** Of its package. */
  version: shortLine(limits.name).min(1),
  /** The machine's name. */
  host: shortLine(limits.name).min(1),
  /** How the bridge reaches the server: its callbacks go there too. */
  server: Url,
  /** Where the server reaches the bridge; null: the bridge fetches what it is asked, since nobody gets through to it. */
  url: Url.nullable(),
});

/** 200 `Enrolled`; 401 when the code is wrong, used or too old. The same again, with the same secret, is answered alike. */
export const Enroll = BridgeInfo.extend({
  code: storableString(limits.name).min(1),
  /** The bridge's own choice: what server and bridge show each other from now on. */
  secret: z.string().regex(/^[\w-]{43,128}$/, 'at least 32 random bytes in base64url'),
});
export type Enroll = z.infer<typeof Enroll>;

export const EnrollResponse = z.object({ tenantId: Id, instanceId: Id, name: z.string() });
export type EnrollResponse = z.infer<typeof EnrollResponse>;

/** What a bridge shows with everything but its enrollment, as a bearer token; 401 once its instance is gone or enrolled elsewhere. */
export const formatBridgeToken = ({ tenantId, instanceId, secret }: BridgeIdentity) =>
  `${tenantId}.${instanceId}.${secret}`;

/** Identity of a bridge. An instance is identified by its tenant and its id together. */
export const BridgeIdentity = z.object({ tenantId: Id, instanceId: Id, secret: z.string().min(1) });
export type BridgeIdentity = z.infer<typeof BridgeIdentity>;

/** Parses the token of a bridge; undefined for other texts. */
export function parseBridgeToken(token: string): BridgeIdentity | undefined {
  const [tenantId, instanceId, secret, ...rest] = token.split('.');
  return rest.length === 0 ? BridgeIdentity.safeParse({ tenantId, instanceId, secret }).data : undefined;
}

/** The model an instance was given; `server`: whatever the bridge was started with. */
export const BridgeModel = z.object({
  provider: z.enum(['server', 'scripted', 'anthropic', 'openai-compatible']),
  name: z.string().max(limits.name).nullable(),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(limits.url)
    .nullable(),
  key: z.string().max(1_000).nullable(),
});
export type BridgeModel = z.infer<typeof BridgeModel>;

/** What runs there: null when nothing does. */
export const CheckIn = BridgeInfo.extend({
  running: z.object({ revision: count(), health: BridgeHealth }).nullable(),
  /** Whether the answer may wait for something to do. */
  wait: z.boolean(),
});
export type CheckIn = z.infer<typeof CheckIn>;

/** A request of `contracts/bridge` to the bridge that fetched it. `id` is for its answer. */
export const BridgeRequest = z.object({
  id: storableString(limits.name).min(1),
  method: z.enum(['GET', 'POST', 'DELETE']),
  path: z.string().startsWith('/').max(limits.name),
  body: z.json().optional(),
});
export type BridgeRequest = z.infer<typeof BridgeRequest>;

export const CheckInResponse = z.object({
  /** What is to run there. `model` comes when another revision runs, or none. */
  desired: z.object({ running: z.boolean(), revision: count(), model: BridgeModel.optional() }),
  /** To be done now, each answered by itself. What is not answered within seconds is asked again. */
  requests: z.array(BridgeRequest),
  /** Where a newer bridge is, below the server's address, when there is one. */
  upgrade: z.string().nullable(),
});
export type CheckInResponse = z.infer<typeof CheckInResponse>;

/** The bridge's answers to requests it fetched. One that comes too late is dropped. */
export const BridgeResponses = z.object({
  responses: z
    .array(
      z.object({
        id: BridgeRequest.shape.id,
        status: z.int().min(100).max(599),
        body: z.json().optional(),
        retryAfter: storableString(limits.name).nullable().default(null),
      }),
    )
    .min(1)
    .max(100),
});
export type BridgeResponses = z.infer<typeof BridgeResponses>;

/** `GET /logs` of a bridge: the last lines that it and its gateway wrote, the newest last. */
export const BridgeLogs = z.object({
  bridge: z.array(z.string().max(limits.logLine)).max(limits.logLines),
  gateway: z.array(z.string().max(limits.logLine)).max(limits.logLines),
});
export type BridgeLogs = z.infer<typeof BridgeLogs>;

/**
 * Returns the command that starts an enrolled bridge. `packagePath` is the path of the bridge package on the server.
 * Throws when the server's address has characters with a meaning in a shell.
 */
export function formatRunCommand(server: string, packagePath: string): string {
  if (!isPlain(server)) throw new Error('This address cannot stand in a command.');
  return `npx --yes ${new URL(packagePath, server).href} --server ${new URL(server).origin}`;
}

/** What a person types on the machine that an instance is to live on. */
export const formatEnrollCommand = (server: string, packagePath: string, code: string) =>
  `${formatRunCommand(server, packagePath)} --enroll ${code}`;
