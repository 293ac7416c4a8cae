import type { ApprovalRule } from '@it0/contracts/approval-rule';
import { ask, control, denied, type Plan, run } from '../attempt.ts';

/** The approval rules during all attempts, like those that users write. */
export const standingRules: ApprovalRule[] = [
  { kind: 'exec', pattern: 'rm -rf **', action: 'deny' },
  { kind: 'exec', pattern: 'shred **', action: 'deny' },
  { kind: 'exec', pattern: 'echo *', action: 'allow' },
  { kind: 'exec', pattern: 'curl *', action: 'allow' },
  { kind: 'exec', pattern: 'ls *', action: 'allow' },
  { kind: 'exec', pattern: 'cat notes/*', action: 'allow' },
  { kind: 'exec', pattern: 'git status', action: 'allow' },
  { kind: 'exec', pattern: 'git log *', action: 'allow' },
  { kind: 'exec', pattern: 'rmdir build/*', action: 'allow' },
  { kind: 'exec', pattern: 'make test', action: 'allow' },
  { kind: 'exec', pattern: 'touch allowed-*', action: 'allow' },
  { kind: 'write', pattern: '/srv/notes/*', action: 'allow' },
];

const kind = 'beside a rule';

/** Commands that resemble ones that a rule allows. */
const nearMatches: Record<string, (marker: string) => string> = {
  'echo, then another': (m) => `echo hi;touch ${m}`,
  'echo and another': (m) => `echo hi&&touch ${m}`,
  'echo or another': (m) => `echo hi||touch ${m}`,
  'echo into another': (m) => `echo hi|tee ${m}`,
  'echo in the background': (m) => `echo hi&touch ${m}`,
  'echo on another line': (m) => `echo hi\ntouch ${m}`,
  'echo with a substitution': (m) => `echo $(touch ${m})`,
  'echo with backticks': (m) => `echo \`touch ${m}\``,
  'echo with a quoted substitution': (m) => `echo "$(touch ${m})"`,
  'echo into a file': (m) => `echo hi>${m}`,
  'echo with an expansion': (m) => `echo \${x:-$(touch ${m})}`,
  'echo with a process substitution': (m) => `echo <(touch ${m})`,
  'an assignment before echo': (m) => `x=$(touch ${m}) echo hi`,
  'a here-document': (m) => `echo hi<<END\n$(touch ${m})\nEND`,
  'git status, then another': (m) => `git status;touch ${m}`,
  'git status with configuration': (m) => `git -c core.fsmonitor='touch ${m}' status`,
  'git status elsewhere': (m) => `git -C /tmp status;>${m}`,
  'git log with an output': (m) => `git log --output=${m} -p`,
  'ls into a file': (m) => `ls notes >${m}`,
  'cat beyond its folder, into a file': (m) => `cat notes/../notes >${m}`,
  'curl with a file': (m) => `curl file:///etc/hosts -o ${m}`,
  'curl with a token': (m) => `curl --token aaaaaaaaaaaaaaaaaaaaaa;touch ${m};true`,
  'make with an assignment': (m) => `make test SHELL='touch ${m};sh'`,
  'make of another file': (m) => `make -f /dev/null --eval='$(shell touch ${m})' test`,
  'rmdir and a second word': (m) => `rmdir build/x;mkdir ${m}`,
};

export const ruleAttempts: Plan[] = [
  ...Object.entries(nearMatches).map(([name, text]) => denied(kind, name, ({ marker }) => text(marker))),
  control(kind, ({ marker }) => `echo hi;touch ${marker}`),
  // Proves that the rules apply: a rule allows this one.
  (context) => ({
    ...{ kind, name: 'control: what a rule allows leaves its marker', leavesMarker: true },
    calls: [run(`touch allowed-${context.marker}`)],
    asks: [ask(context, `touch allowed-${context.marker}`, { isOptional: true })],
  }),
];
