import { parseErrorResponse } from '@it0/contracts/error-response';
import type { Reason } from '@it0/contracts/reasons';

/**
 * Returns the reason of a failed upload by its response, which can be a proxy's: without a body, with a page, or with
 * JSON of another form. Null if it is only unavailable at the moment. A successful response without an attachment is
 * the sign-in page of a proxy.
 */
export function toUploadFailure(status: number, body: unknown): Reason | null {
  const failure = parseErrorResponse(body);
  if (failure) return failure.reason;
  if (status === 413) return 'ATTACHMENT_TOO_LARGE';
  if (status === 415) return 'ATTACHMENT_TYPE_REFUSED';
  if (status === 429) return 'TOO_MANY_REQUESTS';
  if (status === 507) return 'STORAGE_FULL';
  if (status === 401 || status === 403 || (status >= 200 && status < 400)) return 'NOT_SIGNED_IN';
  return null;
}
