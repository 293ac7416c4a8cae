import { expect, test } from 'vitest';
import { arrangeAgents, matchesAssistant } from './arrange-agents.ts';

const agent = (name: string, overrides: Partial<Parameters<typeof arrangeAgents>[0][number]> = {}) => ({
  ...{ name, status: 'RUNNING' as const, driver: 'local' as const, host: null, modelName: null, ownerName: 'Ada' },
  ...{ lastActiveAt: null, pendingApprovals: 0, runningTasks: 0 },
  ...overrides,
});
const all = { query: '', status: 'all', sorting: 'added' } as const;
const toNames = (agents: { name: string }[]) => agents.map(({ name }) => name);

test('arrangeAgents finds agents by all words of a search, in the name, the host, the model and the owner', () => {
  const agents = [
    agent('web-1', { host: 'paris' }),
    agent('web-2', { host: 'oslo' }),
    agent('数据库', { modelName: 'm' }),
  ];
  expect(toNames(arrangeAgents(agents, { ...all, query: ' WEB oslo ' }))).toEqual(['web-2']);
  expect(toNames(arrangeAgents(agents, { ...all, query: '数据' }))).toEqual(['数据库']);
  expect(toNames(arrangeAgents(agents, { ...all, query: 'ada' }))).toHaveLength(3);
});

test('arrangeAgents separates agents without a machine from those being deployed', () => {
  const agents = [agent('a', { status: 'DEPLOYING' }), agent('b', { status: 'DEPLOYING', driver: 'remote' })];
  expect(toNames(arrangeAgents(agents, { ...all, status: 'UNCONNECTED' }))).toEqual(['b']);
  expect(toNames(arrangeAgents(agents, { ...all, status: 'DEPLOYING' }))).toEqual(['a']);
});

test('arrangeAgents sorts by name with numbers as numbers, by activity, and by what needs attention', () => {
  const agents = [
    agent('web-10', { lastActiveAt: '2026-01-01T00:00:00.000Z' }),
    agent('web-9', { status: 'ERROR' }),
    agent('web-1', { pendingApprovals: 1, lastActiveAt: '2026-02-01T00:00:00.000Z' }),
  ];
  const sorted = (sorting: 'name' | 'active' | 'attention') => toNames(arrangeAgents(agents, { ...all, sorting }));
  expect(sorted('name')).toEqual(['web-1', 'web-9', 'web-10']);
  expect(sorted('active')).toEqual(['web-1', 'web-10', 'web-9']);
  expect(sorted('attention')).toEqual(['web-1', 'web-9', 'web-10']);
});

test('matchesAssistant lists iAgent only without a status, and when the search is part of its name', () => {
  for (const query of ['', '  ', 'IAG', 'agent']) expect(matchesAssistant({ ...all, query })).toBe(true);
  expect(matchesAssistant({ ...all, query: 'agent-1' })).toBe(false);
  expect(matchesAssistant({ ...all, status: 'RUNNING' })).toBe(false);
});
