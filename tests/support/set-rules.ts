import type { Client } from '@it0/client/client';
import type { ApprovalRule } from '@it0/contracts/approval-rule';

/** Sets an instance's rules in place of whatever list there is. */
export async function setRules(client: Client, instanceId: string, rules: ApprovalRule[]) {
  const { revision } = await client.approval.rules.query({ instanceId });
  return client.approval.setRules.mutate({ instanceId, rules, revision });
}
