import { parseCommand } from './shell-words.ts';

/** Allowed arguments of a program. Options may be repeated, since none of them loops, waits or changes anything. */
type Known = { options: RegExp; others?: RegExp; most?: number };

const version = '--version|--help';
const known: Record<string, Known> = {
  uptime: { options: new RegExp(`^(-[psVh]|--pretty|--since|${version})$`) },
  uname: {
    options: new RegExp(
      `^(-[asnrvmpio]+|--(all|kernel-name|nodename|kernel-release|kernel-version|machine|processor|hardware-platform|operating-system)|${version})$`,
    ),
  },
  whoami: { options: new RegExp(`^(${version})$`) },
  id: {
    options: new RegExp(`^(-[ugGnrzZa]+|--(user|group|groups|name|real|zero|context)|${version})$`),
    others: /^\w[\w.-]*$/,
  },
  nproc: { options: new RegExp(`^(--all|--ignore=\\d{1,4}|${version})$`) },
  // `-s` and `-c` are left out, since they repeat the output.
  free: {
    options: new RegExp(
      `^(-[bkmghtlwvV]+|--(bytes|kilo|mega|giga|tera|human|si|lohi|total|wide|committed)|${version})$`,
    ),
  },
  date: {
    options: /^(-[uR]|--utc|--universal|-I(date|hours|minutes|seconds|ns)?)$/,
    others: /^\+[\w %:.,/-]+$/,
    most: 1,
  },
  hostname: { options: /^-[fsiIdA]$/ },
};

/** Returns whether a command only prints information and then ends, so that it needs no rule. */
export function isReadOnlyCommand(command: string): boolean {
  const parsed = parseCommand(command);
  if (parsed.kind !== 'simple') return false;
  const [program = '', ...words] = parsed.words;
  if (!Object.hasOwn(known, program)) return false;
  const { options, others, most = Number.POSITIVE_INFINITY } = known[program]!;
  const rest = words.filter((word) => !options.test(word));
  return rest.length <= most && rest.every((word) => others?.test(word));
}
