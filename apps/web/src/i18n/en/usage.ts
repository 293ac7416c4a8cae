export default {
  usage: {
    table: 'Usage by agent and person',
    title: 'Usage, past 30 days',
    none: 'No tasks in the past 30 days.',
    chart: 'Tasks by day',
    day: '{day}: {count, plural, one {# task} other {# tasks}}',
    agent: 'Agent',
    person: 'Person',
    former: 'Former member',
    tasks: 'Tasks',
    failed: 'Failed',
    duration: 'Duration',
    input: 'Input tokens',
    output: 'Output tokens',
    unknown: 'not reported',
    note: 'Duration includes time in the queue. Tokens are those that the agent’s engine reports.',
  },
} as const;
