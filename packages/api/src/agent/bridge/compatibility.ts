import type { StatusReason } from '@it0/contracts/instance-status';
import type { Reason } from '@it0/contracts/reasons';
import { BRIDGE_PROTOCOL, type CheckIn, formatRunCommand } from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { isReachable } from './allow-list.ts';

/** A bridge of this server's own version, as a package for `npx`. */
export type BridgePackage = { version: string; path: string; file: string };

type Telling = Pick<CheckIn, 'protocol' | 'version' | 'server' | 'url'>;
type Fitting = Pick<Services, 'bridgeAllow' | 'bridgePackage'>;

/** What a bridge is told, and what its owner is. */
type Incompatibility = ReturnType<typeof unfit>;
const unfit = (reason: StatusReason & Reason, message: string, detail: string) => ({
  ...{ reason, detail },
  error: new AppError(reason, message),
});

/** Why a bridge does not fit: it speaks not as this server does, or asks to be reached where it must not be. */
export function checkCompatibility(
  { bridgeAllow, bridgePackage }: Fitting,
  { protocol, version, server, url }: Telling,
): Incompatibility | null {
  if (protocol < BRIDGE_PROTOCOL.oldest || protocol > BRIDGE_PROTOCOL.newest) {
    const how = protocol < BRIDGE_PROTOCOL.oldest ? 'too old for' : 'newer than';
    const command = bridgePackage ? formatRunCommand(server, bridgePackage.path) : '';
    const todo = command && ` Run: ${command}`;
    const message = `The bridge (${version}) is ${how} this server.${todo}`;
    return unfit('BRIDGE_OUTDATED', message, command);
  }
  if (url && !isReachable(bridgeAllow, { url, isRemote: true })) {
    const message = `This server may not reach ${url}. Add its host to BRIDGE_ALLOW, or run the bridge without --url.`;
    return unfit('BRIDGE_ADDRESS_REFUSED', message, url);
  }
  return null;
}
