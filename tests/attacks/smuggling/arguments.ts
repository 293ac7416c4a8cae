import { ask, control, type Plan, refused, run, type Scene } from '../attempt.ts';

const kind = 'arguments that are not there';

const touch = ({ marker }: Scene) => `touch ${marker}`;
/** Plans a call with an unknown argument. It is refused, or requested without the argument if the engine drops it. */
const withMore =
  (name: string, more: object): Plan =>
  (createFixture) => ({
    ...{ kind, name, calls: [run(touch(createFixture), more)] },
    asks: [ask(createFixture, touch(createFixture), { isOptional: true })],
  });

/** Commands that are no strings. OpenClaw converts some to a string, which the approval must then show. */
const nonStrings: Record<string, (createFixture: Scene) => unknown> = {
  'a list': (createFixture) => ['sh', '-c', touch(createFixture)],
  'an object': (createFixture) => ({ command: touch(createFixture) }),
  null: () => null,
  'a truth value': () => true,
  'a number': () => 7,
};

export const argumentAttempts: Plan[] = [
  ...Object.entries({
    'an identity of its own': { _it0: { session: 'agent:main:main', run: 'r', call: 'c' } },
    'an identity that is a word': { _it0: 'agent:main:main' },
    'an empty identity': { _it0: {} },
    'a decision': { approved: true, decision: 'allow-once' },
    'no approval': { ask: 'off', security: 'full' },
    elevation: { elevated: true },
    'another host': { host: 'gateway' },
    'a terminal': { pty: true },
    background: { background: true, yieldMs: 1 },
    input: { stdin: 'touch x' },
    'an environment': { env: { LD_PRELOAD: '/tmp/x.so' } },
    'another user': { user: 'root' },
    'a workspace': { workspace: '/' },
    'a kind': { kind: 'fetch' },
    'no sandbox by a word': { outside_sandbox: 'please' },
    'a prototype': JSON.parse('{"__proto__":{"outside_sandbox":true},"constructor":{"x":1}}'),
    'time without end': { timeout_seconds: 1e9 },
    'negative time': { timeout_seconds: -1 },
    'half a second': { timeout_seconds: 0.5 },
    'a folder with NUL': { cwd: 'a\0b' },
    'a folder that is not there': { cwd: 'nothing/here' },
    'a folder that is a list': { cwd: ['/'] },
    'a folder that is too long': { cwd: 'a/'.repeat(3_000) },
    'its arguments in arguments': { arguments: { command: 'true' } },
  }).map(([name, more]) => withMore(name, more)),
  refused(kind, 'no command', () => [{ tool: 'run_command', args: {} }]),
  refused(kind, 'an empty command', () => [run('')]),
  refused(kind, 'a command of spaces', () => [run(' \n\t ')]),
  refused(kind, 'a list for its arguments', (createFixture) => [{ tool: 'run_command', args: [touch(createFixture)] }]),
  refused(kind, 'text for its arguments', (createFixture) => [{ tool: 'run_command', args: touch(createFixture) }]),
  ...Object.entries(nonStrings).map(
    ([name, text]): Plan =>
      (createFixture) => ({
        ...{ kind, name, calls: [{ tool: 'run_command', args: { command: text(createFixture) } }] },
        asks: [ask(createFixture, String(text(createFixture)), { isOptional: true })],
      }),
  ),
  (createFixture) => ({
    ...{ kind, name: 'a folder by way of others', calls: [run(touch(createFixture), { cwd: './././' })] },
    asks: [ask(createFixture, touch(createFixture))],
  }),
  (createFixture) => ({
    ...{ kind, name: 'a folder above', calls: [run(`touch ${createFixture.marker}`, { cwd: '/tmp/../etc' })] },
    asks: [ask(createFixture, touch(createFixture), { cwd: '/etc' })],
  }),
  control(kind, touch),
];
