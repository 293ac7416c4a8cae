/**
 * Path of attachments. `POST` uploads one file as `multipart/form-data`; `GET …/:id` downloads it. Only people who can
 * read its message can download a file; others get 404. Errors: ATTACHMENT_TOO_LARGE, ATTACHMENT_TYPE_REFUSED,
 * STORAGE_FULL, ATTACHMENT_NOT_FOUND.
 */
export const ATTACHMENTS_PATH = '/api/v1/agent/attachments';

/** Returns the path of an attachment, relative to the server's address. */
export const toAttachmentPath = (id: string) => `${ATTACHMENTS_PATH}/${id}`;

/** Media types of images that a page may display. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
/** Returns whether a file is an image that a page may display. Other types are only downloaded. */
export const isImage = (mediaType: string): mediaType is (typeof IMAGE_TYPES)[number] =>
  IMAGE_TYPES.some((image) => image === mediaType);
