import { LocalError } from '@it0/client/errors';
import { toUploadFailure } from '@it0/client/upload-failure';
import { Attachment } from '@it0/contracts/attachment';

/** Returns the attachment in the response of an upload. Throws LocalError for a refused upload. */
export function parseUpload({ status, response }: Pick<XMLHttpRequest, 'status' | 'response'>): Attachment {
  const attachment = Attachment.safeParse(response);
  if (attachment.success) return attachment.data;
  const reason = toUploadFailure(status, response);
  throw reason ? new LocalError(reason) : new Error('the server is not available');
}
