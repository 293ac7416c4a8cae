import type { Client } from '@it0/client/client';
import type { ApprovalRule } from '@it0/contracts/approval-rule';

/** Replaces the rules of an instance, at the current revision. */
export async function setRules(client: Client, instanceId: string, rules: ApprovalRule[]) {
  const { revision } = await client.approval.rules.query({ instanceId });
  return client.approval.setRules.mutate({ instanceId, rules, revision });
}
