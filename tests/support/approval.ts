import { createHash, randomUUID } from 'node:crypto';
import type { ApprovalReport } from '@it0/contracts/bridge';
import { serializeApprovalSubject } from '@it0/contracts/chat-event';

type Overrides = Partial<Omit<ApprovalReport, 'type' | 'n' | 'digest'>>;

/** Creates a bridge's first report of an approval, with the digest of its subject. */
export function approvalReport(overrides: Overrides = {}) {
  const report = {
    type: 'approval',
    approvalId: randomUUID(),
    command: 'df -h',
    allowedDecisions: ['allow-once', 'deny'],
    expiresInMs: 3_600_000,
    status: 'PENDING',
    textOffset: 0,
    ...overrides,
  } satisfies Omit<ApprovalReport, 'n' | 'digest'>;
  return { ...report, digest: createHash('sha256').update(serializeApprovalSubject(report)).digest('hex') };
}
