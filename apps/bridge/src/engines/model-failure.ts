import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import type { End } from './engine.ts';

export type ModelFailure = Pick<Extract<End, { type: 'error' }>, 'reason'> & { detail: string };

/** What may go wrong between an engine and its model, and what a person can do about it. */
const failures = {
  auth: ['MODEL_KEY_REFUSED', "The model's provider refused the API key. Check the key the bridge was started with."],
  auth_permanent: ['MODEL_KEY_REFUSED', "The model's provider refused the API key for good. Use another one."],
  billing: ['MODEL_UNAVAILABLE', "The model's provider refused for billing reasons. Check the account of the API key."],
  rate_limit: ['MODEL_RATE_LIMITED', "The model's provider is limiting requests. Try again in a while."],
  overloaded: ['MODEL_UNAVAILABLE', "The model's provider is overloaded. Try again in a while."],
  server_error: ['MODEL_UNAVAILABLE', "The model's provider has a problem. Try again in a while."],
  context_overflow: ['CONTEXT_TOO_LONG', 'The conversation has become too long for the model. Start a new one.'],
  files_too_large: [
    'ATTACHMENT_TOO_LARGE',
    'The message with its files is more than the model can take. Send fewer or smaller ones, or start a new conversation.',
  ],
  file_refused: [
    'ATTACHMENT_TYPE_REFUSED',
    'The model could not read a file that came with the message. Send it in another form.',
  ],
  model_not_found: ['MODEL_UNAVAILABLE', 'The provider does not know the configured model. Check its name.'],
  timeout: [
    'MODEL_UNAVAILABLE',
    'The model could not be reached, or did not answer in time. Check the network, and try again.',
  ],
} as const;
export type ModelFailureKind = keyof typeof failures;

export const isFailureKind = (kind: string | undefined): kind is ModelFailureKind =>
  kind !== undefined && Object.hasOwn(failures, kind);

/** A failure of the model in words for a person; `said` is what the provider had to say itself. */
export function createModelFailure(kind: ModelFailureKind, said = ''): ModelFailure {
  const [reason, advice] = failures[kind];
  return { reason, detail: head(said ? `${advice} (${redactKeys(said)})` : advice, limits.detail) };
}

/** Anthropic's failures by HTTP status, none where nobody answered; undefined: the request itself was at fault. */
export function findFailureKind(status: number | undefined, said: string): ModelFailureKind | undefined {
  if (isContextOverflow(said)) return 'context_overflow';
  if (/credit balance|billing/i.test(said)) return 'billing';
  if (status === undefined) return 'timeout';
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'model_not_found';
  if (status === 413) return 'context_overflow';
  if (status === 429) return 'rate_limit';
  if (status === 529) return 'overloaded';
  return status >= 500 ? 'server_error' : undefined;
}

/** What it is of a message that came with files, where they are at fault. */
export function attributeToFiles(kind: ModelFailureKind | undefined, said: string): ModelFailureKind | undefined {
  if (kind === 'context_overflow') return 'files_too_large';
  if (kind || !/image|pdf|document/i.test(said)) return kind;
  return /exceed|maximum|too (large|many)/i.test(said) ? 'files_too_large' : 'file_refused';
}

export const isContextOverflow = (said: string) =>
  /prompt is too long|exceeds? the context|context (length|window) exceeded/i.test(said);

/** A provider may quote a key that it refuses. */
export const redactKeys = (said: string) => said.replace(/\bsk-[\w*.-]+/g, 'sk-…');
