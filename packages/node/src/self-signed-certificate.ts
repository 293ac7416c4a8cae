import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

/** A private key and its certificate. */
export type SelfSignedCertificate = {
  /** PEM of the private key. */
  key: string;
  /** PEM of the certificate. */
  certificate: string;
  /** SHA-256 of the certificate, for clients that accept only this one. */
  fingerprint: string;
};

/**
 * Creates a key and a certificate for a server whose clients check its fingerprint, and neither its name nor its dates.
 */
export function createSelfSignedCertificate(): SelfSignedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = sequence(
    encode(INTEGER, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(
      encode(GENERALIZED_TIME, Buffer.from('20000101000000Z')),
      encode(GENERALIZED_TIME, Buffer.from('99991231235959Z')),
    ),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, privateKey);
  const raw = sequence(body, ECDSA_WITH_SHA256, encode(BIT_STRING, Buffer.from([0]), signature));
  const certificate = new X509Certificate(raw);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: certificate.toString(),
    fingerprint: certificate.fingerprint256,
  };
}

/** Tags of DER (ITU-T X.690), the encoding of certificates (RFC 5280). */
const [INTEGER, BIT_STRING, UTF8_STRING, GENERALIZED_TIME, SEQUENCE, SET] = [
  0x02, 0x03, 0x0c, 0x18, 0x30, 0x31,
] as const;

function encode(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  // No part of such a certificate needs a length of more than two bytes.
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Uint8Array[]) => encode(SEQUENCE, ...parts);

const ECDSA_WITH_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const NAME = sequence(encode(SET, sequence(COMMON_NAME, encode(UTF8_STRING, Buffer.from('it0')))));
