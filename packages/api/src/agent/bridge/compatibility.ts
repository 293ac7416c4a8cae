import type { StatusReason } from '@it0/contracts/instance';
import type { Reason } from '@it0/contracts/reasons';
import { BRIDGE_PROTOCOL, type CheckIn, formatRunCommand } from '@it0/contracts/remote-bridge';
import { AppError } from '../../errors.ts';
import { type AllowList, isReachable } from './allow-list.ts';

/** The npm package of the bridge that matches this server, for `npx`. */
export type BridgePackage = { version: string; path: string; file: string };

type BridgeInfo = Pick<CheckIn, 'protocol' | 'version' | 'server' | 'url'>;
type CompatibilityServices = { bridgeAllow: AllowList; bridgePackage: BridgePackage | null };

/** The reason why a bridge is rejected: `error` for the bridge, `reason` and `detail` for the owner of the instance. */
type Incompatibility = ReturnType<typeof createIncompatibility>;
const createIncompatibility = (reason: StatusReason & Reason, message: string, detail: string) => ({
  ...{ reason, detail },
  error: new AppError(reason, message),
});

/** Checks the protocol version and the address of a bridge. Returns null when both are accepted. */
export function checkCompatibility(
  { bridgeAllow, bridgePackage }: CompatibilityServices,
  { protocol, version, server, url }: BridgeInfo,
): Incompatibility | null {
  if (protocol < BRIDGE_PROTOCOL.oldest || protocol > BRIDGE_PROTOCOL.newest) {
    const comparison = protocol < BRIDGE_PROTOCOL.oldest ? 'too old for' : 'newer than';
    const command = bridgePackage ? formatRunCommand(server, bridgePackage.path) : '';
    const advice = command && ` Run: ${command}`;
    const message = `The bridge (${version}) is ${comparison} this server.${advice}`;
    return createIncompatibility('BRIDGE_OUTDATED', message, command);
  }
  if (url && !isReachable(bridgeAllow, { url, isRemote: true })) {
    const message = `This server is not allowed to connect to ${url}. Add its host to BRIDGE_ALLOW, or run the bridge without --url.`;
    return createIncompatibility('BRIDGE_ADDRESS_REFUSED', message, url);
  }
  return null;
}
