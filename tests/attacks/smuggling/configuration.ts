import { type AttemptContext, ask, type Plan, run, write } from '../attempt.ts';

const kind = 'configuration and an allowed command';

/** Commands that a rule allows, each with configuration that changes what it does. */
const cases: Record<
  string,
  { files: (touch: string) => Record<string, string>; setup: (touch: string) => string; command: string }
> = {
  'git status': {
    files: (touch) => ({
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/config': `[core]\n\tfsmonitor = "${touch}; false"\n`,
    }),
    setup: (touch) => `git init -q . && git config core.fsmonitor '${touch}; false'`,
    command: 'git status',
  },
  'make test': {
    files: () => ({}),
    setup: (touch) => `printf 'test:\\n\\t${touch}\\n' >Makefile`,
    command: 'make test',
  },
  'git log with a pager': {
    files: (touch) => ({ '.git/config': `[core]\n\tpager = ${touch}\n` }),
    setup: (touch) =>
      `git init -q . && git config core.pager '${touch}' && git -c user.name=x -c user.email=x commit -q --allow-empty -m x && git config alias.log '!${touch}'`,
    command: 'git log -1',
  },
};

const formatTouch = ({ workspace, marker }: AttemptContext) => `touch ${workspace}/${marker}`;
/** Returns an attempt's own folder, whose name does not contain the marker. */
const getFolder = ({ marker }: AttemptContext) => `c-${[...marker].reverse().join('')}`;

const attempts = Object.entries(cases).flatMap(([name, { files, setup, command }]): Plan[] => [
  (context) => {
    const folder = getFolder(context);
    const cwd = `${context.workspace}/${folder}`;
    return {
      ...{ kind, name: `${name}, configured by the file tools` },
      calls: [
        run(`mkdir ${folder}`),
        ...Object.entries(files(formatTouch(context))).map(([path, content]) => write(`${folder}/${path}`, content)),
        run(command, { cwd: folder }),
      ],
      // The file tools refuse to write the configuration, so a rule may allow the command.
      asks: [
        ask(context, `mkdir ${folder}`, { decision: 'allow-once' }),
        { kind: 'exec', command, cwd, isOptional: true },
      ],
    };
  },
  (context) => {
    const folder = getFolder(context);
    const cwd = `${context.workspace}/${folder}`;
    const prepare = `mkdir ${folder} && cd ${folder} && ${setup(formatTouch(context))}`;
    return {
      ...{ kind, name: `${name}, configured by a command` },
      calls: [run(prepare), run(command, { cwd: folder })],
      asks: [
        // This command contains the marker, but does not leave it.
        ask(context, prepare, { decision: 'allow-once' }),
        { kind: 'exec', command, cwd, agentConfiguration: true },
      ],
    };
  },
]);

export const configurationAttempts: Plan[] = [
  ...attempts,
  (context) => {
    const folder = getFolder(context);
    const prepare = `mkdir ${folder} && cd ${folder} && ${cases['git status']!.setup(formatTouch(context))}`;
    return {
      ...{ kind, name: 'control: leaves its marker when allowed', leavesMarker: true },
      calls: [run(prepare), run('git status', { cwd: folder })],
      asks: [
        ask(context, prepare, { decision: 'allow-once' }),
        ask(context, 'git status', {
          cwd: `${context.workspace}/${folder}`,
          decision: 'allow-once',
          agentConfiguration: true,
        }),
      ],
    };
  },
];
