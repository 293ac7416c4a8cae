import { z } from 'zod';

/** Message of a local bridge to the server that started it, over their IPC channel: the port that it listens on. */
export const BridgeListening = z.object({ type: z.literal('listening'), port: z.int().min(1).max(65_535) });
export type BridgeListening = z.infer<typeof BridgeListening>;

/**
 * Scheme in the address of a local bridge: HTTP over TLS without certificates, where both sides prove that they have the
 * instance's secret. Another process that listens on the port receives nothing.
 */
export const SHARED_SECRET_SCHEME = 'psk:';
