import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** Keys derived from one secret, one for each use. */
export type KeySet = {
  /** Identifies the secret. */
  kid: string;
  /** Encrypts with AES-256-GCM. Returns a nonce of 12 bytes, a tag of 16 bytes, and the ciphertext. */
  seal(plain: string): Uint8Array<ArrayBuffer>;
  /** Decrypts; null when another secret has encrypted the value. */
  open(sealed: Uint8Array): string | null;
  /** Signs login tokens, and encrypts the secrets of second factors. */
  auth: string;
  /** Signs the callback tokens and tool tokens of tasks. */
  callback: Uint8Array;
};

/** Keys of the server, including those of a secret that is being rotated. */
export type Keys = {
  /** Encrypts and signs all new values. */
  current: KeySet;
  /** Key sets that may decrypt and verify, `current` first. */
  accepted: KeySet[];
  /** Keys of the secret that is being replaced. Their values are encrypted and signed again with `current`. */
  outgoing: KeySet | null;
  seal: KeySet['seal'];
  /** Decrypts with any of the accepted key sets. Throws when none fits. */
  open(sealed: Uint8Array): string;
};

/** Creates the keys. `before` is the previous secret, `next` the coming one, which other servers may use already. */
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
      throw new Error('This value was encrypted with an unknown secret.');
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
