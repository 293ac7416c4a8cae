import { type AttemptContext, ask, control, type Plan, refused, run } from '../attempt.ts';

const kind = 'unknown arguments';

const touch = ({ marker }: AttemptContext) => `touch ${marker}`;
/** Plans a call with an unknown argument. It is refused, or requested without the argument if the engine drops it. */
const withMore =
  (name: string, more: object): Plan =>
  (context) => ({
    ...{ kind, name, calls: [run(touch(context), more)] },
    asks: [ask(context, touch(context), { isOptional: true })],
  });

/** Commands that are not strings. OpenClaw converts some to a string, which the approval must then show. */
const nonStrings: Record<string, (context: AttemptContext) => unknown> = {
  'a list': (context) => ['sh', '-c', touch(context)],
  'an object': (context) => ({ command: touch(context) }),
  null: () => null,
  'a boolean': () => true,
  'a number': () => 7,
};

export const argumentAttempts: Plan[] = [
  ...Object.entries({
    'a forged identity': { _it0: { session: 'agent:main:main', run: 'r', call: 'c' } },
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
    'no sandbox, as text': { outside_sandbox: 'please' },
    'a prototype': JSON.parse('{"__proto__":{"outside_sandbox":true},"constructor":{"x":1}}'),
    'an endless timeout': { timeout_seconds: 1e9 },
    'a negative timeout': { timeout_seconds: -1 },
    'a timeout of half a second': { timeout_seconds: 0.5 },
    'a folder with NUL': { cwd: 'a\0b' },
    'a missing folder': { cwd: 'nothing/here' },
    'a folder that is a list': { cwd: ['/'] },
    'a folder that is too long': { cwd: 'a/'.repeat(3_000) },
    'nested arguments': { arguments: { command: 'true' } },
  }).map(([name, more]) => withMore(name, more)),
  refused(kind, 'no command', () => [{ tool: 'run_command', args: {} }]),
  refused(kind, 'an empty command', () => [run('')]),
  refused(kind, 'a command of spaces', () => [run(' \n\t ')]),
  refused(kind, 'a list for its arguments', (context) => [{ tool: 'run_command', args: [touch(context)] }]),
  refused(kind, 'text for its arguments', (context) => [{ tool: 'run_command', args: touch(context) }]),
  ...Object.entries(nonStrings).map(
    ([name, text]): Plan =>
      (context) => ({
        ...{ kind, name, calls: [{ tool: 'run_command', args: { command: text(context) } }] },
        asks: [ask(context, String(text(context)), { isOptional: true })],
      }),
  ),
  (context) => ({
    ...{ kind, name: 'a folder with redundant parts', calls: [run(touch(context), { cwd: './././' })] },
    asks: [ask(context, touch(context))],
  }),
  (context) => ({
    ...{ kind, name: 'a folder above', calls: [run(`touch ${context.marker}`, { cwd: '/tmp/../etc' })] },
    asks: [ask(context, touch(context), { cwd: '/etc' })],
  }),
  control(kind, touch),
];
