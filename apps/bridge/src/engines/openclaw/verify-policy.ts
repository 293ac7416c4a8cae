import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { withAdminConnection } from './connection.ts';
import { TOOL_POLICY } from './gateway-config.ts';
import type { GatewayAddress } from './gateway-process.ts';

const Config = z.object({
  config: z.object({
    tools: z.object({ allow: z.array(z.string()), deny: z.array(z.string()).default([]) }),
    plugins: z.object({ enabled: z.boolean(), allow: z.array(z.string()) }),
  }),
});

/**
 * Reads the tool policy that a gateway has in effect. Throws unless its agent has the bridge's tools only: an agent
 * with other tools must not get tasks.
 */
export async function verifyPolicy(address: GatewayAddress) {
  await withAdminConnection(address, async (client) => {
    const { config } = Config.parse(await client.request('config.get', {}));
    const { allow, deny } = config.tools;
    if (!isDeepStrictEqual({ allow, deny }, TOOL_POLICY) || !isDeepStrictEqual(config.plugins.allow, ['it0']))
      throw new Error('Its tool policy allows tools that need no approval.');
  });
}
