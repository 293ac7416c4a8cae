import type { Upload } from '@it0/client/draft/draft-files';
import { LocalError } from '@it0/client/errors';
import { toUploadFailure } from '@it0/client/upload-failure';
import { ATTACHMENTS_PATH, Attachment } from '@it0/contracts/attachment';

/** Uploads a file. Uses `XMLHttpRequest`, since `fetch` does not report upload progress. */
export const upload: Upload = (file, { onProgress, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file, file.name);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const attachment = Attachment.safeParse(request.response);
      if (attachment.success) return resolve(attachment.data);
      const reason = toUploadFailure(request.status, request.response);
      reject(reason ? new LocalError(reason) : new Error('the server is not available'));
    };
    request.onerror = () => reject(new Error('network error'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.open('POST', ATTACHMENTS_PATH);
    request.responseType = 'json';
    request.send(form);
  });
