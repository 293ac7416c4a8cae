import type { StatusReason } from '@it0/contracts/instance-status';
import type { Reason } from '@it0/contracts/reasons';
import { BRIDGE_PROTOCOL, type CheckIn, formatRunCommand } from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { isReachable } from './allow-list.ts';

/** A bridge of this server's own version, as a package for `npx`. */
export type BridgePackage = { version: string; path: string; file: string };

type BridgeInfo = Pick<CheckIn, 'protocol' | 'version' | 'server' | 'url'>;
type CompatibilityServices = Pick<Services, 'bridgeAllow' | 'bridgePackage'>;

/** What a bridge is told, and what its owner is. */
type Incompatibility = ReturnType<typeof createIncompatibility>;
const createIncompatibility = (reason: StatusReason & Reason, message: string, detail: string) => ({
  ...{ reason, detail },
  error: new AppError(reason, message),
});

/** Why a bridge does not fit: it speaks not as this server does, or asks to be reached where it must not be. */
export function checkCompatibility(
  { bridgeAllow, bridgePackage }: CompatibilityServices,
  { protocol, version, server, url }: BridgeInfo,
): Incompatibility | null {
  if (protocol < BRIDGE_PROTOCOL.oldest || protocol > BRIDGE_PROTOCOL.newest) {
    const how = protocol < BRIDGE_PROTOCOL.oldest ? 'too old for' : 'newer than';
    const command = bridgePackage ? formatRunCommand(server, bridgePackage.path) : '';
    const todo = command && ` Run: ${command}`;
    const message = `The bridge (${version}) is ${how} this server.${todo}`;
    return createIncompatibility('BRIDGE_OUTDATED', message, command);
  }
  if (url && !isReachable(bridgeAllow, { url, isRemote: true })) {
    const message = `This server may not reach ${url}. Add its host to BRIDGE_ALLOW, or run the bridge without --url.`;
    return createIncompatibility('BRIDGE_ADDRESS_REFUSED', message, url);
  }
  return null;
}
