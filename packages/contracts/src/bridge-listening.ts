import { z } from 'zod';

/** Message of a local bridge to the server that started it, over their IPC channel, with the port it listens on. */
export const BridgeListening = z.object({ type: z.literal('listening'), port: z.int().min(1).max(65_535) });
export type BridgeListening = z.infer<typeof BridgeListening>;

/**
 * URL scheme of a local bridge: HTTP over TLS with a pre-shared key (TLS-PSK), the instance's secret, in place of
 * certificates. Another process that listens on the port learns nothing.
 */
export const SHARED_SECRET_SCHEME = 'psk:';
