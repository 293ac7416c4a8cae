import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** What one secret is used for: each use has a key of its own. */
export type KeySet = {
  /** Tells which secret it came from. */
  kid: string;
  /** AES-256-GCM. Sealed: 12 bytes of nonce, 16 of tag, then the ciphertext. */
  seal(plain: string): Uint8Array<ArrayBuffer>;
  /** Null for what another secret sealed. */
  open(sealed: Uint8Array): string | null;
  /** Signs login tokens, and seals what second factors are made of. */
  auth: string;
  /** Signs what a task's bridge is given: the tokens for its callbacks and its tools. */
  callback: Uint8Array;
};

/** The server's keys, also while its secret changes. */
export type Keys = {
  /** All that is sealed and signed, is with these. */
  current: KeySet;
  /** Those whose seals and signatures are taken, `current` first. */
  accepted: KeySet[];
  /** Those of the secret that goes away: what they sealed and signed is made anew. */
  outgoing: KeySet | null;
  seal: KeySet['seal'];
  /** Opens what any of the accepted ones sealed. */
  open(sealed: Uint8Array): string;
};

/** `before` is the secret there was until now, `next` the one there will be: other servers may have it already. */
export function createKeys(secret: string, { before, next }: { before?: string; next?: string } = {}): Keys {
  const current = derive(secret);
  const [outgoing = null, incoming = null] = [before, next].map((other) =>
    other === undefined || other === secret ? null : derive(other),
  );
  const accepted = [current, outgoing, incoming].filter((keys) => keys !== null);
  return {
    ...{ current, accepted, outgoing },
    seal: current.seal,
    open(sealed) {
      for (const keys of accepted) {
        const plain = keys.open(sealed);
        if (plain !== null) return plain;
      }
      throw new Error('This was sealed with a secret that is not known here.');
    },
  };
}

function derive(secret: string): KeySet {
  const keyFor = (use: string) => new Uint8Array(hkdfSync('sha256', secret, '', `it0/${use}`, 32));
  const sealing = keyFor('seal');
  const callback = keyFor('callback');
  return {
    kid: createHash('sha256').update(callback).digest('hex').slice(0, 8),
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), body]));
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', sealing, sealed.subarray(0, 12), { authTagLength: 16 });
        decipher.setAuthTag(sealed.subarray(12, 28));
        return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
    auth: Buffer.from(keyFor('auth')).toString('base64url'),
    callback,
  };
}
