import { bridgeProtocol, type CheckIn, runCommand } from '@it0/contracts/remote-bridge';
import type { Services } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { isReachable } from './allow-list.ts';

/** A bridge of this server's own version, as a package for `npx`. */
export type BridgePackage = { version: string; path: string; file: string };

type Telling = Pick<CheckIn, 'protocol' | 'version' | 'server' | 'url'>;
type Fitting = Pick<Services, 'bridgeAllow' | 'bridgePackage'>;

/** Refuses a bridge that does not speak as this server does, or that asks to be reached where it must not be. */
export function requireFitting({ bridgeAllow, bridgePackage }: Fitting, { protocol, version, server, url }: Telling) {
  if (protocol < bridgeProtocol.oldest || protocol > bridgeProtocol.newest) {
    const how = protocol < bridgeProtocol.oldest ? 'too old for' : 'newer than';
    const todo = bridgePackage ? ` Run: ${runCommand(server, bridgePackage.path)}` : '';
    throw new AppError('BRIDGE_OUTDATED', `The bridge (${version}) is ${how} this server.${todo}`);
  }
  if (url && !isReachable(bridgeAllow, { url, isRemote: true })) {
    const message = `This server may not reach ${url}. Add its host to BRIDGE_ALLOW, or run the bridge without --url.`;
    throw new AppError('BRIDGE_ADDRESS_REFUSED', message);
  }
}
