import { LocalError } from '@it0/client/errors';
import type { Attachment } from '@it0/contracts/attachment';
import { toAttachmentPath } from '@it0/contracts/attachment-path';
import { upload } from '../../composer/upload.ts';

/** Uploads the content of an attachment again, since a file belongs to one message. Rejects with `ATTACHMENT_NOT_FOUND`. */
export async function copyFile({ id, name }: Attachment): Promise<Attachment> {
  const response = await fetch(toAttachmentPath(id));
  if (!response.ok) throw new LocalError('ATTACHMENT_NOT_FOUND');
  const file = new File([await response.blob()], name);
  return upload(file, { onProgress: () => {}, signal: new AbortController().signal });
}
