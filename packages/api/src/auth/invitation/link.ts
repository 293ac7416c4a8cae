import { Id } from '@it0/contracts/ids';
import { storableString } from '@it0/contracts/text';
import type { Keys } from '../../keys.ts';
import { computeSignature, hasValidSignature } from '../login-token.ts';

const signedText = (id: string) => `invitation ${id}`;

/** Formats the link of an invitation. It is signed, so that a copy of the database contains no valid link. */
export const formatLink = ({ current }: Keys, id: string) =>
  `${id}.${computeSignature(current, signedText(id)).toString('base64url')}`;

/** Link of an invitation, as it comes from a client. */
export const Link = storableString(200);

/** Returns the invitation's id of a link; null when the signature is invalid. */
export function readLink(keys: Keys, link: string): string | null {
  const [id, signature = ''] = link.split('.', 2);
  return Id.safeParse(id).success && hasValidSignature(keys, signedText(id!), signature) ? id! : null;
}
