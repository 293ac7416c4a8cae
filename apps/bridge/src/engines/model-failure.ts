import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import type { End } from './engine.ts';

/** The reason of a failed task, and a sentence for its user. */
export type ModelFailure = Pick<Extract<End, { type: 'error' }>, 'reason'> & { detail: string };

/** The failures of a model, with advice for the user. */
const FAILURES = {
  auth: [
    'MODEL_KEY_REFUSED',
    'The model provider rejected the API key. Check the key that the bridge was started with.',
  ],
  auth_permanent: ['MODEL_KEY_REFUSED', 'The model provider rejected the API key permanently. Use another key.'],
  billing: [
    'MODEL_UNAVAILABLE',
    'The model provider rejected the request for billing reasons. Check the account of the API key.',
  ],
  rate_limit: ['MODEL_RATE_LIMITED', 'The model provider is limiting requests. Try again later.'],
  overloaded: ['MODEL_UNAVAILABLE', 'The model provider is overloaded. Try again later.'],
  server_error: ['MODEL_UNAVAILABLE', 'The model provider has a problem. Try again later.'],
  context_overflow: ['CONTEXT_TOO_LONG', 'The conversation is too long for the model. Start a new one.'],
  files_too_large: [
    'ATTACHMENT_TOO_LARGE',
    'The message and its files are too large for the model. Send fewer or smaller files, or start a new conversation.',
  ],
  file_refused: ['ATTACHMENT_TYPE_REFUSED', 'The model could not read an attached file. Send it in another format.'],
  model_not_found: ['MODEL_UNAVAILABLE', 'The model provider does not have the configured model. Check its name.'],
  timeout: [
    'MODEL_UNAVAILABLE',
    'The model is unreachable, or did not respond in time. Check the network and try again.',
  ],
} as const;
export type ModelFailureKind = keyof typeof FAILURES;

export const isFailureKind = (kind: string | undefined): kind is ModelFailureKind =>
  kind !== undefined && Object.hasOwn(FAILURES, kind);

/** Creates a failure with advice for the user. `message` is the provider's own. */
export function createModelFailure(kind: ModelFailureKind, message = ''): ModelFailure {
  const [reason, advice] = FAILURES[kind];
  return { reason, detail: head(message ? `${advice} (${redactKeys(message)})` : advice, limits.detail) };
}

/**
 * Classifies a failure of Anthropic's API. `status` is undefined if there was no response. Returns undefined if the
 * request itself was invalid.
 */
export function findFailureKind(status: number | undefined, message: string): ModelFailureKind | undefined {
  if (isContextOverflow(message)) return 'context_overflow';
  if (/credit balance|billing/i.test(message)) return 'billing';
  if (status === undefined) return 'timeout';
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'model_not_found';
  if (status === 413) return 'context_overflow';
  if (status === 429) return 'rate_limit';
  if (status === 529) return 'overloaded';
  return status >= 500 ? 'server_error' : undefined;
}

/** Attributes a failure to the files of the message, if they caused it. */
export function attributeToFiles(kind: ModelFailureKind | undefined, message: string): ModelFailureKind | undefined {
  if (kind === 'context_overflow') return 'files_too_large';
  if (kind || !/image|pdf|document/i.test(message)) return kind;
  return /exceed|maximum|too (large|many)/i.test(message) ? 'files_too_large' : 'file_refused';
}

export const isContextOverflow = (message: string) =>
  /prompt is too long|exceeds? the context|context (length|window) exceeded/i.test(message);

/** Redacts API keys. A provider may quote the key that it rejects. */
export const redactKeys = (message: string) => message.replace(/\bsk-[\w*.-]+/g, 'sk-…');
