import { z } from 'zod';
import { asAdministrator } from './connection.ts';
import type { GatewayAddress } from './gateway-process.ts';

/**
 * Below what anything said in a conversation can go: whatever is not allowed is denied, and everything is asked about.
 * Asked only about what it does not know, OpenClaw runs what it takes to be harmless (`wc`, `cd`), and is wrong: bash
 * runs what stands in `test -v 'x[$(…)]'`. What need not be asked of a person, the server knows.
 */
const defaults = { security: 'allowlist', ask: 'always', askFallback: 'deny' };

const Policy = z.looseObject({
  hash: z.string().optional(),
  file: z.looseObject({
    defaults: z.looseObject({}).optional(),
    agents: z.record(z.string(), z.unknown()).optional(),
  }),
});

/**
 * Sets the gateway's host-wide approval policy, which no directive in a message can loosen, and reads it back. Throws
 * when it does not stand: an agent without it must not be given tasks.
 */
export async function setApprovalFloor(address: GatewayAddress) {
  await asAdministrator(address, async (client) => {
    const read = async () => Policy.parse(await client.request('exec.approvals.get', {}));
    const { file, hash } = await read();
    const wanted = { ...file, version: 1, defaults, agents: {} };
    await client.request('exec.approvals.set', { file: wanted, baseHash: hash });
    const stands = (await read()).file;
    const exceptions = Object.keys(stands.agents ?? {});
    const isAsSet = Object.entries(defaults).every(([key, value]) => stands.defaults?.[key] === value);
    if (!isAsSet || exceptions.length > 0) throw new Error('The gateway did not take the approval policy.');
  });
}
