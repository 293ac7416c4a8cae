import type { Instance } from '@it0/client/chat-source';
import { toDisplayStatus } from '../agent-status.ts';

export const sortings = ['added', 'name', 'active', 'attention'] as const;
export type Sorting = (typeof sortings)[number];
export type StatusFilter = ReturnType<typeof toDisplayStatus> | 'all';
export type Arrangement = { query: string; status: StatusFilter; sorting: Sorting };

type Agent = Pick<
  Instance,
  | 'name'
  | 'status'
  | 'driver'
  | 'host'
  | 'modelName'
  | 'ownerName'
  | 'lastActiveAt'
  | 'pendingApprovals'
  | 'runningTasks'
>;

/** Returns the agents that match a search and a status, sorted. Agents that compare as equal keep their order. */
export function arrangeAgents<T extends Agent>(agents: T[], { query, status, sorting }: Arrangement): T[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const matches = (agent: T) => {
    if (status !== 'all' && toDisplayStatus(agent) !== status) return false;
    const text = [agent.name, agent.host, agent.modelName, agent.ownerName].join('\n').toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
  return agents.filter(matches).sort(comparisons[sorting]);
}

/** Returns whether iAgent is listed. It is always there, so that it has no status to filter by. */
export const matchesAssistant = ({ query, status }: Arrangement) =>
  status === 'all' && 'iagent'.includes(query.trim().toLowerCase());

const names = new Intl.Collator(undefined, { numeric: true });
const urgency = ({ pendingApprovals, status, runningTasks }: Agent) =>
  (pendingApprovals > 0 ? 4 : 0) + (status === 'ERROR' ? 2 : 0) + (runningTasks > 0 ? 1 : 0);

const comparisons: Record<Sorting, (one: Agent, other: Agent) => number> = {
  added: () => 0,
  name: (one, other) => names.compare(one.name, other.name),
  active: (one, other) => (other.lastActiveAt ?? '').localeCompare(one.lastActiveAt ?? ''),
  attention: (one, other) => urgency(other) - urgency(one),
};
