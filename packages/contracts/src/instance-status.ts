import { z } from 'zod';

/** Why an agent is not as its owner wants it, as a closed list: clients translate it. What is known beyond it is the detail. */
export const StatusReason = z.enum([
  /** It lives on another machine, whose bridge has not enrolled yet. */
  'BRIDGE_NOT_ENROLLED',
  /** It ended by itself and is being started again. */
  'AGENT_RESTARTING',
  /** It did so again and again; the detail is what it said last. */
  'AGENT_CRASH_LOOP',
  /** Its bridge is there, and says in the detail what it lacks. */
  'AGENT_NOT_READY',
  'AGENT_CANNOT_RUN',
  /** Nothing is heard of its bridge. */
  'BRIDGE_SILENT',
  /** The server does not get through to its bridge at the address in the detail. */
  'BRIDGE_UNREACHABLE',
  /** Its bridge does not fit the server; the detail is the command that mends it. */
  'BRIDGE_OUTDATED',
  /** The server may not ask its bridge at the address in the detail. */
  'BRIDGE_ADDRESS_REFUSED',
]);
StatusReason.register(z.globalRegistry, {
  id: 'StatusReason',
  description: 'Why an agent is not as its owner wants it.',
});
export type StatusReason = z.infer<typeof StatusReason>;
