import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceIdentity, GatewayClientHostDeps } from '@openclaw/gateway-client';

const toRawPublicKey = (publicKeyPem: string) =>
  createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' }).subarray(-32);

/**
 * Loads the device identity of the bridge from its folder, or creates it. It has to survive restarts: a gateway shows a
 * run's approvals only to the device that sent the run.
 */
export function loadDeviceIdentity(dir: string): DeviceIdentity {
  const file = join(dir, 'device.pem');
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    // Written atomically, so that a full disk leaves no partial key.
    writeFileSync(`${file}.new`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
  const privateKeyPem = readFileSync(file, 'utf8');
  const publicKeyPem = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
  const deviceId = createHash('sha256').update(toRawPublicKey(publicKeyPem)).digest('hex');
  return { deviceId, privateKeyPem, publicKeyPem };
}

/** The signing functions that the gateway client expects from its host. */
export const DEVICE_SIGNING: GatewayClientHostDeps = {
  signDevicePayload: (pem, payload) => sign(null, Buffer.from(payload), createPrivateKey(pem)).toString('base64url'),
  publicKeyRawBase64UrlFromPem: (pem) => toRawPublicKey(pem).toString('base64url'),
};
