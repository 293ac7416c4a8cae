import { quote } from '@it0/contracts/rules/shell-words';
import fc from 'fast-check';
import { ask, type Plan, run } from './attempt.ts';
import { redactedCommands } from './smuggling/redaction.ts';

const kind = 'generated commands';

const hidden = fc.constantFrom(
  ...'\u202e\u2066\u200b\u200d\ufeff\u00a0\u2028\u00ad\u3164\ue000\u001b\u0007\u0301\r\t\v\u0085',
);

/** Functions that rewrite a command without changing its effect. */
const respellings: fc.Arbitrary<(command: string) => string>[] = [
  fc
    .constantFrom('sh -c', 'eval', 'nice sh -c', 'env sh -c', 'timeout 60 sh -c')
    .map((by) => (text) => `${by} ${quote(text)}`),
  fc.constant((text) => `echo ${Buffer.from(text).toString('base64')} | base64 -d | sh`),
  fc.constant((text) => `sh <<'END'\n${text}\nEND`),
  fc
    .constantFrom('true &&', 'false ||', 'echo safe;', '!', 'x=1;', '{ :; };')
    .map((first) => (text) => `${first} ${text}`),
  fc
    .constantFrom('echo hi', 'git status', 'ls notes', 'curl localhost:1', 'make test')
    .map((first) => (text) => `${first}\n${text}`),
  fc.tuple(fc.constantFrom(' ', '\t', '\n', ' \\\n'), fc.nat({ max: 3_000 })).map(
    ([blank, times]) =>
      (text) =>
        `:${blank === ' \\\n' ? '' : ' '}${blank.repeat(times)};${text}`,
  ),
  fc.array(hidden, { minLength: 1, maxLength: 40 }).map((unseen) => (text) => `: '${unseen.join('')}'\n${text}`),
  fc.array(hidden, { minLength: 1, maxLength: 40 }).map((unseen) => (text) => `${text}\n: '${unseen.join('')}'`),
  fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .map((words) => (text) => `: ${quote(words.replaceAll('\0', ''))}\n${text}`),
  fc.constantFrom(...redactedCommands).map((secret) => (text) => `: ${quote(secret('abcdefabcdef'))}\n${text}`),
  fc.constant((text) => `: -----BEGIN PRIVATE KEY-----\n${text}\n: -----END PRIVATE KEY-----`),
  fc
    .constantFrom('--token', 'API_KEY', 'password')
    .map((name) => (text) => `: ${name}=aaaaaaaaaaaaaaaaaaaaaa;${text};true`),
];

const spelled = fc.array(fc.oneof(...respellings), { minLength: 1, maxLength: 4 });
const Generated = fc.record({ spelled, isAllowed: fc.boolean() });

/** Plans a rewritten command, which is either denied, or allowed and records the bytes that the shell got. */
function toPlan(
  { spelled, isAllowed }: { spelled: ((text: string) => string)[]; isAllowed: boolean },
  index: number,
): Plan {
  return (context) => {
    const text = spelled.reduce((respelled, respell) => respell(respelled), `touch ${context.marker}-done`);
    const command = isAllowed ? `cat /proc/$$/cmdline >${context.marker}\n${text}` : text;
    return {
      ...{ kind, name: `${index}, ${isAllowed ? 'allowed' : 'denied'}: ${text.slice(0, 200)}`, calls: [run(command)] },
      asks: [ask(context, command, { decision: isAllowed ? 'allow-once' : 'deny' })],
      ...(isAllowed && { leavesMarker: true, ranAs: command }),
    };
  };
}

/** Generates `count` attempts from a seed. */
export const generateAttempts = (seed: number, count: number): Plan[] =>
  fc.sample(Generated, { seed, numRuns: count }).map(toPlan);
