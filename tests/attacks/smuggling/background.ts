import { ask, control, foreign, type Plan, powerless, run } from '../attempt.ts';

const background = 'background processes';
const input = 'programs that wait for input';

/** Allowed commands that try to leave a process behind. */
const leaving: Record<string, (marker: string) => string> = {
  'in the background': (m) => `sh -c 'sleep 600; : ${m}' & exit 0`,
  nohup: (m) => `nohup sh -c 'sleep 600; : ${m}' >/dev/null 2>&1 & exit 0`,
  setsid: (m) => `setsid sh -c 'sleep 600; : ${m}' >/dev/null 2>&1 & exit 0`,
  'a double fork': (m) => `( setsid sh -c "(setsid sh -c 'sleep 600; : ${m}' &)" >/dev/null 2>&1 & ); exit 0`,
  'ignoring signals': (m) => `trap '' TERM HUP INT; setsid sh -c 'trap "" TERM HUP; sleep 600; : ${m}' & exit 0`,
  'a daemon of Python’s': (m) =>
    `python3 -c 'import os,time\nif os.fork()==0:\n os.setsid()\n if os.fork()==0: time.sleep(600)' ${m}; exit 0`,
  'holding its output': (m) => `(sleep 600; : ${m}) & echo done`,
  'after its timeout': (m) => `setsid sh -c 'sleep 2; touch ${m}' & exit 0`,
  coproc: (m) => `bash -c 'coproc sleep 600; disown -a; exit 0' ${m}`,
};

const waiting = ['sh', 'less /etc/hosts', 'vi', 'ed', 'python3', 'bash -i', 'ssh localhost', 'sudo -S true', 'read x'];

export const backgroundAttempts: Plan[] = [
  ...Object.entries(leaving).map(([name, text]) => powerless(background, name, ({ marker }) => text(marker))),
  control(background, ({ marker }) => `(setsid touch ${marker}) & wait; sleep 1`),
  ...waiting.map(
    (program): Plan =>
      (context) => {
        const text = `${program}; : ${context.marker}`;
        const keys = {
          action: 'write',
          sessionId: 'x',
          data: `!touch ${context.workspace}/${context.marker}\n`,
        };
        return {
          ...{ kind: input, name: program },
          // The program ends at once, since it has no terminal and an empty input, and no tool can write to it.
          calls: [run(text, { timeout_seconds: 60 }), foreign('process', keys)],
          asks: [ask(context, text, { decision: 'allow-once' })],
        };
      },
  ),
  control(input, ({ marker }) => `touch ${marker}; cat`),
];
