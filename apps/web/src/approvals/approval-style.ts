import type { ApprovalToDecide } from '@it0/client/chat-source';
import type { ApprovalStatus } from '@it0/contracts/chat-event';
import { ShieldAlert, ShieldCheck, ShieldOff, ShieldX } from 'lucide-react';

type Kind = Pick<ApprovalToDecide, 'kind'>;

/** Returns whether an approval is for a command outside the sandbox, which is highlighted. */
export const isUnsandboxed = ({ kind }: Kind) => kind === 'exec-unsandboxed';

/** Returns the border and background of an approval's card. */
export const pickCardStyle = (approval: Kind, isPending: boolean) => {
  if (!isPending) return 'border-line';
  return isUnsandboxed(approval) ? 'border-bad bg-bad-wash ring-1 ring-bad' : 'border-warn/50 bg-warn-wash';
};

export const pickIcon = (approval: Kind, status: ApprovalStatus) => {
  if (status === 'ALLOWED') return ShieldCheck;
  if (status !== 'PENDING') return ShieldX;
  return isUnsandboxed(approval) ? ShieldOff : ShieldAlert;
};
