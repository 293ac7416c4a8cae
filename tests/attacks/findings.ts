/** An attack that succeeded once, and its regression tests: files with a part of a test's title. */
export type Finding = { attack: string; tests: [file: string, title: string][] };

const attacks = 'tests/attacks/attacks.slow.test.ts';

export const findings: Finding[] = [
  {
    attack: 'taking over an instance of another tenant with its id',
    tests: [
      ['tests/integration/remote-instances.test.ts', 'an instance with the same id in another tenant gets no bridge'],
      ['tests/authorisation/twins.test.ts', 'of two tenants with the same ids'],
      ['apps/server/src/instances/drivers/local.test.ts', 'two instances with the same id in two tenants'],
      ['tests/attacks/tenants.test.ts', 'no procedure returns data to an owner of another tenant'],
    ],
  },
  {
    attack: 'a command whose shown text is masked',
    tests: [
      [attacks, 'runs without approval or differs from the approved text'],
      [
        'tests/attacks/smuggling/redaction.test.ts',
        'redactedCommands has a command for each pattern of OpenClaw’s redaction',
      ],
    ],
  },
  {
    attack: 'input to a program that was allowed',
    tests: [
      [attacks, 'runs without approval or differs from the approved text'],
      ['packages/node/src/run-process.test.ts', 'an empty input, no terminal and the given environment only'],
    ],
  },
  {
    attack: 'an allowed command with configuration that the agent wrote',
    tests: [
      [attacks, 'runs without approval or differs from the approved text'],
      ['packages/contracts/src/approval-rule.test.ts', 'decideByRules ignores allows but not denies'],
    ],
  },
  {
    attack: 'an allowed command that reads files of the server',
    tests: [
      [attacks, 'reads, changes or signals what does not belong to its agent'],
      ['packages/node/src/sandbox/sandbox.test.ts', 'a program inside cannot $name'],
      [
        'apps/server/src/instances/drivers/local.test.ts',
        'the server’s secret, other instances, its log and processes',
      ],
      ['tests/contract/unsandboxed.test.ts', 'a rule for commands allows none outside the sandbox'],
    ],
  },
  {
    attack: 'a reset link that outlives its target’s promotion',
    tests: [['tests/integration/reset-links.test.ts', 'a reset link is refused when its target']],
  },
  {
    attack: 'an invitation that outlives the right of its maker',
    tests: [['tests/authorisation/grants.test.ts', 'every grant is refused when its maker was']],
  },
  {
    attack: 'denial of service by one member',
    tests: [
      ['tests/integration/work-limits.test.ts', 'a batch of more calls than a client sends is refused'],
      ['tests/integration/work-limits.test.ts', 'a frame of thousands of messages starts none of them'],
      [
        'tests/integration/storage-limits.test.ts',
        'concurrent uploads are stored only up to the limit of unsent files',
      ],
      ['tests/attacks/floods.test.ts', 'responds on /healthz during a flood'],
    ],
  },
  {
    attack: 'a * in a rule that matches more than intended',
    tests: [['packages/contracts/src/approval-rule.test.ts', 'an allow applies only to its kind']],
  },
  {
    attack: 'a revoked role on an open WebSocket',
    tests: [['tests/integration/socket-rights.test.ts', 'is refused immediately after its role was revoked']],
  },
  {
    attack: 'password guessing from many addresses',
    tests: [
      ['tests/integration/sign-in-limits.test.ts', 'an account allows thirty attempts per hour over all addresses'],
    ],
  },
  {
    attack: 'the model’s key in the environment of a command',
    tests: [
      [
        'apps/bridge/src/engines/claude-cli/claude-cli.test.ts',
        'requests have the key, and no process of Claude Code has it',
      ],
      [
        'apps/bridge/src/engines/credential-proxy.test.ts',
        'startCredentialProxy adds the key to a request that carries its token',
      ],
    ],
  },
  {
    attack: 'instructions that one session plants for others',
    tests: [
      [attacks, 'no later prompt contains what a command of %s wrote'],
      ['apps/bridge/src/tools/files/protected-paths.test.ts', 'classifyPath returns %s for each path of that class'],
      ['apps/bridge/src/tools/command-runner.test.ts', 'a sandboxed command sees the workspace of its user'],
    ],
  },
  {
    attack: 'requests of the server to its internal network',
    tests: [['tests/integration/model-address.test.ts', 'sends no request to a model address outside MODEL_ALLOW']],
  },
  {
    attack: 'reuse of an authenticator code',
    tests: [['tests/integration/second-factor.test.ts', 'an authenticator code is accepted once']],
  },
  {
    attack: 'a long command whose end is out of view',
    tests: [['tests/e2e/approval-card.test.ts', 'a command cannot be allowed before its end was scrolled into view']],
  },
  {
    attack: 'a sign-in link loaded as an image',
    tests: [['tests/integration/sign-in-link.test.ts', 'a sign-in link is used up only by its button']],
  },
  {
    attack: 'escape sequences in a terminal',
    tests: [['tests/integration/commands.test.ts', 'names and reports of bridges cannot print escape sequences']],
  },
  {
    attack: 'shell syntax in the address of a bridge',
    tests: [
      ['packages/contracts/src/remote-bridge.test.ts', 'keeps only the origin of a server address with shell syntax'],
    ],
  },
  {
    attack: 'an approval that is reported as allowed',
    tests: [['tests/contract/approval.test.ts', 'a report that an approval was allowed is refused']],
  },
  {
    attack: 'a number beyond the range of the database',
    tests: [
      ['tests/integration/input-bounds.test.ts', 'every string, list and number of external input has an upper bound'],
    ],
  },
  {
    attack: 'API keys that survive a reset of the password',
    tests: [['tests/integration/reset-links.test.ts', 'API keys end with a password that is reset']],
  },
  {
    attack: 'options of a read-only command',
    tests: [['tests/contract/approval-rules.test.ts', 'a read-only command runs when no rule matches']],
  },
  {
    attack: 'an unverified address, and a foreign host name',
    tests: [
      ['tests/integration/log.test.ts', 'the log never contains passwords, tokens'],
      ['tests/integration/addresses.test.ts', 'an unverified address does not prevent others'],
      ['tests/integration/operations.test.ts', 'metrics require a request from this machine'],
    ],
  },
  {
    attack: 'frames, cookies and files that others can use',
    tests: [
      ['tests/integration/ingress.test.ts', 'no site may frame the page'],
      ['apps/bridge/src/file-modes.test.ts', 'a bridge’s files are accessible to their owner only'],
      ['tests/e2e/login-name.test.ts', 'is sent to no other port of this machine'],
    ],
  },
];
