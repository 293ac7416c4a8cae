import { z } from 'zod';
import { asAdministrator } from './connection.ts';
import type { GatewayAddress } from './gateway-process.ts';

/**
 * What runs without asking: commands that only tell something. Where arguments could change the machine (`date -s`,
 * `hostname <name>`) only those that do not are let through.
 */
const harmless = [
  { pattern: 'uptime' },
  { pattern: 'uname' },
  { pattern: 'whoami' },
  { pattern: 'id' },
  { pattern: 'nproc' },
  { pattern: 'free' },
  { pattern: 'date', argPattern: '^(-u|-R|-I\\w*)?( ?\\+[^ ]*)?$' },
  { pattern: 'hostname', argPattern: '^(-[fsiIdA])?$' },
];

/** Below what anything said in a conversation can go: whatever is not harmless asks, and unasked is denied. */
const defaults = { security: 'allowlist', ask: 'on-miss', askFallback: 'deny' };

const Policy = z.looseObject({
  hash: z.string().optional(),
  file: z.looseObject({
    defaults: z.looseObject({}).optional(),
    agents: z.record(z.string(), z.looseObject({ allowlist: z.array(z.looseObject({})).optional() })).optional(),
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
    const wanted = { ...file, version: 1, defaults, agents: { '*': { allowlist: harmless } } };
    await client.request('exec.approvals.set', { file: wanted, baseHash: hash });
    const stands = (await read()).file;
    const others = Object.keys(stands.agents ?? {}).filter((agent) => agent !== '*');
    const isAsSet = Object.entries(defaults).every(([key, value]) => stands.defaults?.[key] === value);
    if (!isAsSet || others.length > 0) throw new Error('The gateway did not take the approval policy.');
  });
}
