import { GatewayClient, type GatewayClientOptions } from '@openclaw/gateway-client';
import { GatewayPolicy } from './attachments.ts';
import { DEVICE_SIGNING, loadDeviceIdentity } from './device.ts';
import type { GatewayAddress } from './gateway-process.ts';

export type Connection = Pick<GatewayClient, 'request'> & {
  /** As the gateway told last. */
  getPolicy(): GatewayPolicy;
  close(): Promise<void>;
};
export type ConnectionEvents = Pick<GatewayClientOptions, 'onEvent' | 'onGap'> & {
  onConnect(version: string): void;
  onDisconnect(why: string): void;
};

const common = ({ url, token, fingerprint }: GatewayAddress): GatewayClientOptions => ({
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
  { onConnect: onUp, onDisconnect: onDown, ...events }: ConnectionEvents,
): Connection {
  let policy = GatewayPolicy.parse({});
  const client = new GatewayClient({
    ...common(address),
    ...events,
    scopes: ['operator.read', 'operator.write'],
    deviceIdentity: loadDeviceIdentity(dir),
    hostDeps: DEVICE_SIGNING,
    onHelloOk(hello) {
      policy = GatewayPolicy.parse(hello.policy);
      onUp(hello.server.version);
    },
    onConnectError: ({ message }) => onDown(message),
    onClose: (_code, reason) => onDown(reason || 'the connection was closed'),
  });
  client.start();
  return {
    request: client.request.bind(client),
    getPolicy: () => policy,
    close: () => client.stopAndWait().catch(() => {}),
  };
}

/** Does something as the gateway's administrator, on a connection that is there for that alone. */
export async function withAdminConnection<T>(
  address: GatewayAddress,
  work: (client: GatewayClient) => Promise<T>,
): Promise<T> {
  const { promise: connected, resolve, reject } = Promise.withResolvers<void>();
  const client = new GatewayClient({
    ...common(address),
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
