import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** What the server's one secret is used for: each use has a key of its own. */
export type Keys = {
  /** AES-256-GCM. Sealed: 12 bytes of nonce, 16 of tag, then the ciphertext. */
  seal(plain: string): Uint8Array<ArrayBuffer>;
  open(sealed: Uint8Array): string;
  /** Signs login tokens, and seals what second factors are made of. */
  auth: string;
  /** Signs callback tokens; `kid` tells which secret it came from. */
  callback: { kid: string; key: Uint8Array };
  /** Those of the secret there was before: what it sealed and signed is still taken. */
  before: Keys | null;
};

export function createKeys(secret: string, secretBefore?: string): Keys {
  const before = secretBefore === undefined ? null : createKeys(secretBefore);
  const derive = (use: string) => new Uint8Array(hkdfSync('sha256', secret, '', `it0/${use}`, 32));
  const sealing = derive('seal');
  const callback = derive('callback');
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), body]));
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', sealing, sealed.subarray(0, 12));
        decipher.setAuthTag(sealed.subarray(12, 28));
        return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8');
      } catch (error) {
        if (before) return before.open(sealed);
        throw error;
      }
    },
    before,
    auth: Buffer.from(derive('auth')).toString('base64url'),
    callback: { kid: createHash('sha256').update(callback).digest('hex').slice(0, 8), key: callback },
  };
}
