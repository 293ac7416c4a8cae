import { StatusReason } from '@it0/contracts/instance';

/** Remedies for an agent's problems, by the reason of its status. */
const REMEDIES: Record<StatusReason, string> = {
  BRIDGE_NOT_ENROLLED: 'Run the command from its page on the machine that should run it.',
  AGENT_RESTARTING: 'It crashed and is restarting. See its log for the cause.',
  AGENT_CRASH_LOOP: 'It keeps crashing. Its last output:',
  AGENT_NOT_READY: 'Its bridge reports:',
  AGENT_CANNOT_RUN: 'See the log of the server that runs it.',
  BRIDGE_SILENT: 'Check that its bridge is running and can reach this server.',
  BRIDGE_UNREACHABLE: 'Make its bridge reachable from this server, or run it without --url:',
  BRIDGE_OUTDATED: 'Run this on its machine:',
  BRIDGE_ADDRESS_REFUSED: 'Add its host to BRIDGE_ALLOW, or run its bridge without --url:',
};

type Status = { statusReason: string | null; statusDetail: string | null };

/** Returns the remedy with the details of the status; null when neither is known. */
export function findAdvice({ statusReason, statusDetail }: Status): string | null {
  const reason = StatusReason.safeParse(statusReason).data;
  return [reason && REMEDIES[reason], statusDetail].filter(Boolean).join(' ') || null;
}
