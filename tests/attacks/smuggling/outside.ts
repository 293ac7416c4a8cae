import { ask, control, type Plan, powerless, run } from '../attempt.ts';

const kind = 'outside the sandbox';

export const outsideAttempts: Plan[] = [
  (context) => {
    const text = `touch ${context.outside}/${context.marker}`;
    return {
      ...{ kind, name: 'requested' },
      calls: [run(text, { outside_sandbox: true })],
      // A bridge that cannot run commands outside the sandbox refuses it.
      asks: [ask(context, text, { kind: 'exec-unsandboxed', isOptional: true })],
    };
  },
  (context) => ({
    ...{ kind, name: 'commands that a rule allows inside' },
    calls: [run('git status', { outside_sandbox: true }), run('echo hi', { outside_sandbox: true })],
    asks: [
      ask(context, 'git status', { kind: 'exec-unsandboxed', isOptional: true }),
      ask(context, 'echo hi', { kind: 'exec-unsandboxed', isOptional: true }),
    ],
  }),
  powerless(kind, 'writing elsewhere, allowed inside', ({ outside, marker }) => `touch ${outside}/${marker}`),
  powerless(
    kind,
    'recreating the folder',
    ({ outside, marker }) => `mkdir -p ${outside} && touch ${outside}/${marker}`,
  ),
  powerless(kind, 'by a link', ({ outside, marker }) => `ln -s ${outside} l; touch l/${marker}; rm -f l`),
  powerless(
    kind,
    'in a nested namespace',
    ({ outside, marker }) => `unshare -Urm sh -c 'umount -l /tmp; touch ${outside}/${marker}'`,
  ),
  powerless(
    kind,
    'by the root of a process',
    ({ outside, marker }) => `for p in /proc/[0-9]*; do touch $p/root${outside}/${marker}; done`,
  ),
  control(kind, ({ marker }) => `touch ${marker}`),
];
