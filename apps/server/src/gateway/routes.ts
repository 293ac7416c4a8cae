import { ATTACHMENTS_PATH } from '@it0/contracts/attachment-path';
import { CALLBACK_PATH, MCP_PATH } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { CHECK_IN_PATH, ENROLL_PATH, RESPONSES_PATH } from '@it0/contracts/remote-bridge';
import { MAX_SPEECH_BYTES, TRANSCRIPTIONS_PATH } from '@it0/contracts/transcription';

/** A group of paths that a gateway in front of the servers treats alike. */
export type GatewayRoute = {
  /** Lowercase letters and hyphens. */
  name: string;
  path: string;
  /** Whether the path itself is meant, or all paths that begin with it. */
  match: 'exact' | 'prefix';
  methods: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS')[];
  /**
   * Who may use the paths: `public` without a login, by a token of their own or by nothing; `user` with a login or an
   * API key, which the server checks; `internal` only from inside the network, so a gateway refuses them.
   */
  access: 'public' | 'user' | 'internal';
  /** Maximum size of a request's body, in bytes. */
  maxBytes: number;
  /** Requests per minute and client address; undefined without a limit, where the server has finer ones. */
  perMinute?: number;
  /** Longest time without data from the server, in seconds. */
  idleSeconds: number;
  webSocket?: boolean;
  /** Whether a POST request can be sent to another server when it is unknown whether the first one has received it. */
  isRepeatable?: boolean;
};

const MB = 1024 * 1024;
const READ = ['GET', 'HEAD'] as const;
const API = [...READ, 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const QUICK = { maxBytes: MB, idleSeconds: 60 };
/** A bridge sends reports of its running tasks several times a second. */
const BRIDGE_REPORTS_PER_MINUTE = 60_000;

/**
 * The paths of a server, the most specific first, as a gateway needs them. A test compares the list with the routes that
 * the server registers, and the files in `deploy/gateway` with the list.
 */
export const GATEWAY_ROUTES: GatewayRoute[] = [
  {
    ...{ name: 'callback', path: CALLBACK_PATH, match: 'exact', methods: ['POST'], access: 'public' },
    ...{ maxBytes: limits.callbackBytes, idleSeconds: 60, perMinute: BRIDGE_REPORTS_PER_MINUTE },
    // Reports are numbered, and responses belong to one request.
    isRepeatable: true,
  },
  {
    ...{ name: 'enroll', path: ENROLL_PATH, match: 'exact', methods: ['POST'], access: 'public' },
    ...{ ...QUICK, perMinute: 60 },
  },
  {
    ...{ name: 'check-in', path: CHECK_IN_PATH, match: 'exact', methods: ['POST'], access: 'public' },
    ...{ ...QUICK, perMinute: BRIDGE_REPORTS_PER_MINUTE, isRepeatable: true },
  },
  {
    ...{ name: 'bridge-responses', path: RESPONSES_PATH, match: 'exact', methods: ['POST'], access: 'public' },
    ...{ maxBytes: limits.callbackBytes, idleSeconds: 60, perMinute: BRIDGE_REPORTS_PER_MINUTE },
    // Reports are numbered, and responses belong to one request.
    isRepeatable: true,
  },
  {
    ...{ name: 'bridge-package', path: '/bridge/', match: 'prefix', methods: [...READ], access: 'public' },
    ...{ maxBytes: 0, idleSeconds: 60, perMinute: 60 },
  },
  {
    ...{ name: 'sign-in-provider', path: '/api/auth/', match: 'prefix', methods: [...READ], access: 'public' },
    ...{ maxBytes: 0, idleSeconds: 60, perMinute: 120 },
  },
  {
    ...{ name: 'attachments', path: ATTACHMENTS_PATH, match: 'prefix', methods: [...API], access: 'user' },
    ...{ maxBytes: limits.attachmentBytes + MB, idleSeconds: 120 },
  },
  {
    ...{ name: 'transcriptions', path: TRANSCRIPTIONS_PATH, match: 'exact', methods: ['POST', 'OPTIONS'] },
    ...{ access: 'user', maxBytes: MAX_SPEECH_BYTES, idleSeconds: 120 },
  },
  { name: 'rest', path: '/api/v1/', match: 'prefix', methods: [...API], access: 'user', ...QUICK },
  // Sign-in and reset links are procedures too. The server limits them by account and network.
  { name: 'trpc', path: '/trpc', match: 'prefix', methods: [...API], access: 'user', ...QUICK },
  {
    ...{ name: 'websocket', path: '/ws/', match: 'prefix', methods: ['GET'], access: 'user', webSocket: true },
    // The server sends a ping every five seconds.
    ...{ maxBytes: 0, idleSeconds: 60, perMinute: 600 },
  },
  { name: 'mcp', path: MCP_PATH, match: 'prefix', methods: [...API], access: 'user', maxBytes: MB, idleSeconds: 300 },
  {
    name: 'health',
    path: '/healthz',
    match: 'exact',
    methods: [...READ],
    access: 'public',
    maxBytes: 0,
    idleSeconds: 5,
  },
  {
    name: 'ready',
    path: '/readyz',
    match: 'exact',
    methods: [...READ],
    access: 'internal',
    maxBytes: 0,
    idleSeconds: 5,
  },
  {
    name: 'metrics',
    path: '/metrics',
    match: 'exact',
    methods: [...READ],
    access: 'internal',
    maxBytes: 0,
    idleSeconds: 5,
  },
  // The page and its files.
  { name: 'page', path: '/', match: 'prefix', methods: [...READ], access: 'public', maxBytes: 0, idleSeconds: 60 },
];
