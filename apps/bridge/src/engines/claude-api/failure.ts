import { APIError } from '@anthropic-ai/sdk';
import {
  attributeToFiles,
  createModelFailure,
  findFailureKind,
  type ModelFailure,
  redactKeys,
} from '../model-failure.ts';

/** What an error that came in the middle of a stream, where no status is, would have had as one. */
const statusOfType: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  overloaded_error: 529,
};

/** Why the provider did not answer a message, which came with files or without; undefined: it was not the provider. */
export function toModelFailure(error: unknown, hasFiles: boolean): ModelFailure | undefined {
  if (!(error instanceof APIError)) return undefined;
  const said = wordsOf(error);
  const known = findFailureKind(error.status ?? statusOfType[error.type ?? ''], said);
  const kind = hasFiles ? attributeToFiles(known, said) : known;
  if (!kind) return { reason: 'AGENT_ERROR', detail: `The model refused the request. (${redactKeys(said)})` };
  return createModelFailure(kind, kind === 'auth' || kind === 'timeout' ? '' : said);
}

/** The provider's own sentence, without the JSON around it. */
function wordsOf({ error, message }: APIError) {
  const inner = (error as { error?: { message?: unknown } } | undefined)?.error?.message;
  return typeof inner === 'string' ? inner : message;
}
