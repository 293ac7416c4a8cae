import type { Attachment } from '@it0/contracts/attachment';
import { toAttachmentPath } from '@it0/contracts/attachment-path';
import { upload } from '../composer/upload.ts';

/** Uploads the content of an attachment again, since a file belongs to one message. */
export async function copyFile({ id, name }: Attachment): Promise<Attachment> {
  const response = await fetch(toAttachmentPath(id));
  if (!response.ok) throw new Error(`the attachment could not be read: ${response.status}`);
  const file = new File([await response.blob()], name);
  return upload(file, { onProgress: () => {}, signal: new AbortController().signal });
}
