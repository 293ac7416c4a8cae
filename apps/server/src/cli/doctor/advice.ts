import { StatusReason } from '@it0/contracts/instance-status';

/** What to do about an agent, by the reason of its status. */
const advice: Record<StatusReason, string> = {
  BRIDGE_NOT_ENROLLED: 'Run the command that its page shows on the machine it is to live on.',
  AGENT_RESTARTING: 'It ended by itself and is being started again; its log says why.',
  AGENT_CRASH_LOOP: 'It does not stay up. The last it said:',
  AGENT_NOT_READY: 'Its bridge says:',
  AGENT_CANNOT_RUN: 'The log of the server that runs it says why.',
  BRIDGE_SILENT: 'Look whether its bridge runs, and whether it gets through to this server.',
  BRIDGE_UNREACHABLE: 'Open the way to its bridge, or run that without --url:',
  BRIDGE_OUTDATED: 'Run on its machine:',
  BRIDGE_ADDRESS_REFUSED: 'Add its host to BRIDGE_ALLOW, or run its bridge without --url:',
};

type Told = { statusReason: string | null; statusDetail: string | null };

/** In one line or a few, with what is known beyond the reason; null where nothing is. */
export function adviceFor({ statusReason, statusDetail }: Told): string | null {
  const reason = StatusReason.safeParse(statusReason).data;
  return [reason && advice[reason], statusDetail].filter(Boolean).join(' ') || null;
}
