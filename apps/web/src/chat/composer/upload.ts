import type { Upload } from '@it0/client/draft/draft-files';
import { ATTACHMENTS_PATH } from '@it0/contracts/attachment-path';

/** Uploads a file. Uses `XMLHttpRequest`, since `fetch` does not report upload progress. */
export const upload: Upload = (file, { onProgress, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file, file.name);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    // Loaded with the first upload, together with the schemas.
    request.onload = () =>
      void import('./parse-upload.ts').then(({ parseUpload }) => parseUpload(request)).then(resolve, reject);
    request.onerror = () => reject(new Error('network error'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.open('POST', ATTACHMENTS_PATH);
    request.responseType = 'json';
    request.send(form);
  });
