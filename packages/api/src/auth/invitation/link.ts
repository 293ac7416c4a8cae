import { Id } from '@it0/contracts/ids';
import { storableString } from '@it0/contracts/text';
import type { Keys } from '../keys.ts';
import { computeSignature, hasValidSignature } from '../login-token.ts';

const signed = (id: string) => `invitation ${id}`;

/** What stands in an invitation's link: whoever reads the database knows the id, and not the signature. */
export const formatLink = ({ current }: Keys, id: string) =>
  `${id}.${computeSignature(current, signed(id)).toString('base64url')}`;

export const Link = storableString(200);

/** The id of the invitation that a link is for; null for a link that was not made here. */
export function readLink(keys: Keys, link: string): string | null {
  const [id, signature = ''] = link.split('.', 2);
  return Id.safeParse(id).success && hasValidSignature(keys, signed(id!), signature) ? id! : null;
}
