import { APIError } from '@anthropic-ai/sdk';
import {
  attributeToFiles,
  createModelFailure,
  findFailureKind,
  type ModelFailure,
  redactKeys,
} from '../model-failure.ts';

/** The HTTP status for each error type. An error within a stream has no status of its own. */
const STATUS_BY_ERROR_TYPE: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  overloaded_error: 529,
};

/** Converts an error of the SDK. Returns undefined if the error is not the provider's. */
export function toModelFailure(error: unknown, hasFiles: boolean): ModelFailure | undefined {
  if (!(error instanceof APIError)) return undefined;
  const message = readProviderMessage(error);
  const detected = findFailureKind(error.status ?? STATUS_BY_ERROR_TYPE[error.type ?? ''], message);
  const kind = hasFiles ? attributeToFiles(detected, message) : detected;
  if (!kind) return { reason: 'AGENT_ERROR', detail: `The model rejected the request. (${redactKeys(message)})` };
  return createModelFailure(kind, kind === 'auth' || kind === 'timeout' ? '' : message);
}

/** The provider's own sentence, without the JSON around it. */
function readProviderMessage({ error, message }: APIError) {
  const inner = (error as { error?: { message?: unknown } } | undefined)?.error?.message;
  return typeof inner === 'string' ? inner : message;
}
