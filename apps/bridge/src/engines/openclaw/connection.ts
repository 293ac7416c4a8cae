import { GatewayClient, type GatewayClientOptions } from '@openclaw/gateway-client';
import { GatewayPolicy } from './attachments.ts';
import { DEVICE_SIGNING, loadDeviceIdentity } from './device.ts';
import type { GatewayAddress } from './gateway-process.ts';

/** A connection to a gateway, which reconnects by itself. */
export type Connection = Pick<GatewayClient, 'request'> & {
  /** Returns the limits that the gateway announced last. */
  getPolicy(): GatewayPolicy;
  close(): Promise<void>;
};
export type ConnectionEvents = Pick<GatewayClientOptions, 'onEvent' | 'onGap'> & {
  onConnect(version: string): void;
  onDisconnect(cause: string): void;
};

const commonOptions = ({ url, token, fingerprint }: GatewayAddress): GatewayClientOptions => ({
  url,
  token,
  tlsFingerprint: fingerprint,
  role: 'operator',
  clientName: 'gateway-client',
  mode: 'backend',
  clientDisplayName: 'IT0 bridge',
  clientVersion: '1',
  minProtocol: 4,
  maxProtocol: 4,
});

/** Opens the bridge's connection to a gateway, which reconnects by itself. It may send messages, but not administer. */
export function connect(
  address: GatewayAddress,
  dir: string,
  { onConnect, onDisconnect, ...events }: ConnectionEvents,
): Connection {
  let policy = GatewayPolicy.parse({});
  const client = new GatewayClient({
    ...commonOptions(address),
    ...events,
    scopes: ['operator.read', 'operator.write'],
    deviceIdentity: loadDeviceIdentity(dir),
    hostDeps: DEVICE_SIGNING,
    onHelloOk(hello) {
      policy = GatewayPolicy.parse(hello.policy);
      onConnect(hello.server.version);
    },
    onConnectError: ({ message }) => onDisconnect(message),
    onClose: (_code, reason) => onDisconnect(reason || 'the connection was closed'),
  });
  client.start();
  return {
    request: client.request.bind(client),
    getPolicy: () => policy,
    close: () => client.stopAndWait().catch(() => {}),
  };
}

/** Runs `work` with an administrator's connection, which is closed afterwards. */
export async function withAdminConnection<T>(
  address: GatewayAddress,
  work: (client: GatewayClient) => Promise<T>,
): Promise<T> {
  const { promise: connected, resolve, reject } = Promise.withResolvers<void>();
  const client = new GatewayClient({
    ...commonOptions(address),
    scopes: ['operator.read', 'operator.admin'],
    deviceIdentity: null,
    onHelloOk: () => resolve(),
    onConnectError: reject,
    onClose: (_code, reason) => reject(new Error(reason || 'the connection was closed')),
  });
  client.start();
  try {
    await connected;
    return await work(client);
  } finally {
    await client.stopAndWait().catch(() => {});
  }
}
