import type { Upload } from '@it0/client/draft-files';
import { LocalError } from '@it0/client/errors';
import { Attachment, attachmentsPath } from '@it0/contracts/attachment';
import { ErrorResponse } from '@it0/contracts/error-response';

/** Uploads a file from this page; only an `XMLHttpRequest` tells how far it is. */
export const upload: Upload = (file, { onProgress, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file, file.name);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const kept = Attachment.safeParse(request.response);
      if (kept.success) return resolve(kept.data);
      const failure = ErrorResponse.safeParse(request.response);
      reject(failure.success ? new LocalError(failure.data.reason) : new Error('the server did not answer'));
    };
    request.onerror = () => reject(new Error('the server cannot be reached'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.open('POST', attachmentsPath);
    request.responseType = 'json';
    request.send(form);
  });
