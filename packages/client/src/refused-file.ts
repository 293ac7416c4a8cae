import type { Reason } from '@it0/contracts/reasons';

/** Returns whether an upload of the same file from this page would fail again. */
export const isFinalFailure = (reason: Reason | null) =>
  reason === 'ATTACHMENT_TOO_LARGE' || reason === 'ATTACHMENT_TYPE_REFUSED' || reason === 'NOT_SIGNED_IN';

/** Returns the kind of a picture that models cannot read, by its name. */
export const findPictureKind = (name: string): string | null => {
  const extension = /\.(heic|heif|avif|tiff?|bmp)$/i.exec(name)?.[1]?.toUpperCase();
  return extension?.replace(/^TIF$/, 'TIFF') ?? null;
};
