import { z } from 'zod';
import { BridgeHealth } from './bridge.ts';
import { Id } from './ids.ts';
import { ModelProvider } from './instance.ts';
import { limits } from './limits.ts';
import { count } from './number.ts';
import { shortLine, storableString } from './text.ts';

/*
 * The protocol between a bridge on another host and the server. The bridge opens all connections: it enrolls once and
 * then checks in until it stops. All requests are `POST`, with paths relative to the server's address. Errors have the
 * body `ErrorResponse`: 400, 401, 403 for a refused address, 412 for a bridge that is too old, 413, 429 and 503 with
 * Retry-After.
 */
const BASE_PATH = '/api/v1/agent/bridges';
/** Body: `Enroll`; response: `EnrollResponse`. */
export const ENROLL_PATH = `${BASE_PATH}/enroll`;
/** Body: `CheckIn`; response: `CheckInResponse`. */
export const CHECK_IN_PATH = `${BASE_PATH}/check-in`;
/** Body: `BridgeResponses`. */
export const RESPONSES_PATH = `${BASE_PATH}/responses`;

/** Versions of the bridge protocol: the current one, and the oldest that a server still accepts. */
export const BRIDGE_PROTOCOL = { newest: 3, oldest: 3 } as const;

/** Maximum time that a long poll waits for work, and the interval of check-ins that do not wait. */
export const CHECK_IN_TIMING = { waitMs: 10_000, everyMs: 5_000 } as const;

/** A host name without characters that have a meaning in a shell, since addresses are part of commands to copy. */
const PLAIN_HOST = /^([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])$/;
/** Returns whether an address has a plain host and no user, query or fragment. */
const isPlain = (value: string) => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return PLAIN_HOST.test(url.hostname) && !url.username && !url.password && !/[?#]/.test(url.href);
};

const Url = z
  .url({ protocol: /^https?$/ })
  .max(limits.url)
  .refine(isPlain, 'Use an http or https address with a host, an optional port and a path.');

const BridgeInfo = z.object({
  protocol: count(),
  /** Version of the bridge's package. */
  version: shortLine(limits.name).min(1),
  /** Host name of the machine. */
  host: shortLine(limits.name).min(1),
  /** Address at which the bridge reaches the server, also for callbacks. */
  server: Url,
  /** Address at which the server reaches the bridge; null when it cannot, so that the bridge polls for requests. */
  url: Url.nullable(),
});

/**
 * Request to exchange an enrollment code for the identity of a bridge. 200 `EnrollResponse`; 401 when the code is
 * wrong, used or expired. A repeated request with the same secret gets the same response.
 */
export const Enroll = BridgeInfo.extend({
  code: storableString(limits.name).min(1),
  /** Secret that the bridge generates; bridge and server authenticate to each other with it from then on. */
  secret: z.string().regex(/^[\w-]{43,128}$/, 'at least 32 random bytes in base64url'),
});
export type Enroll = z.infer<typeof Enroll>;

/** Identity and name of the instance that the bridge now belongs to. */
export const EnrollResponse = z.object({ tenantId: Id, instanceId: Id, name: z.string() });
export type EnrollResponse = z.infer<typeof EnrollResponse>;

/**
 * Returns the bearer token of all requests except the enrollment. It is refused with 401 once the instance is removed
 * or another bridge is enrolled.
 */
export const formatBridgeToken = ({ tenantId, instanceId, secret }: BridgeIdentity) =>
  `${tenantId}.${instanceId}.${secret}`;

/** Identity of a bridge. An instance is identified by its tenant and its id together. */
export const BridgeIdentity = z.object({ tenantId: Id, instanceId: Id, secret: z.string().min(1) });
export type BridgeIdentity = z.infer<typeof BridgeIdentity>;

/** Parses the bearer token of a bridge. Returns undefined for other texts. */
export function parseBridgeToken(token: string): BridgeIdentity | undefined {
  const [tenantId, instanceId, secret, ...rest] = token.split('.');
  return rest.length === 0 ? BridgeIdentity.safeParse({ tenantId, instanceId, secret }).data : undefined;
}

/** Model of an instance. With the provider `server`, it uses the model that the bridge was started with. */
export const BridgeModel = z.object({
  provider: ModelProvider,
  name: z.string().max(limits.name).nullable(),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(limits.url)
    .nullable(),
  key: z.string().max(1_000).nullable(),
});
export type BridgeModel = z.infer<typeof BridgeModel>;

/** State of a bridge, reported regularly. */
export const CheckIn = BridgeInfo.extend({
  /** Revision and health of the running engine; null when none is running. */
  running: z.object({ revision: count(), health: BridgeHealth }).nullable(),
  /** Allows the server to delay its response until there is work (long poll). */
  wait: z.boolean(),
});
export type CheckIn = z.infer<typeof CheckIn>;

/** A request of `contracts/bridge` that a polling bridge receives. Its response has the same `id`. */
export const BridgeRequest = z.object({
  id: storableString(limits.name).min(1),
  method: z.enum(['GET', 'POST', 'DELETE']),
  path: z.string().startsWith('/').max(limits.name),
  body: z.json().optional(),
});
export type BridgeRequest = z.infer<typeof BridgeRequest>;

/** Desired state of the instance and pending requests. */
export const CheckInResponse = z.object({
  /** The bridge reconciles with it. `model` is present when the running revision is missing or different. */
  desired: z.object({ running: z.boolean(), revision: count(), model: BridgeModel.optional() }),
  /** Requests to handle now. Each gets its own response; a request without one is sent again after a few seconds. */
  requests: z.array(BridgeRequest),
  /** Path of a newer bridge package, relative to the server's address; null when the bridge is up to date. */
  upgrade: z.string().nullable(),
});
export type CheckInResponse = z.infer<typeof CheckInResponse>;

/** Responses of a polling bridge. The server ignores responses that arrive too late. */
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

/** Response of `GET /logs` of a bridge: the last log lines of the bridge and its gateway, newest last. */
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
  if (!isPlain(server)) throw new Error('This address is not safe in a command.');
  return `npx --yes ${new URL(packagePath, server).href} --server ${new URL(server).origin}`;
}

/** Returns the command that enrolls and starts a bridge on its host. Throws like `formatRunCommand`. */
export const formatEnrollCommand = (server: string, packagePath: string, code: string) =>
  `${formatRunCommand(server, packagePath)} --enroll ${code}`;
