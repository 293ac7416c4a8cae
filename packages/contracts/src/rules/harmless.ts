import { parseCommand } from './shell-words.ts';

/** How often a word of an option may be given is not looked at: none of them repeats, waits or changes anything. */
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
  // Not `-s` and `-c`, which repeat.
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

/** Whether a command only tells something and ends by itself, where no rule has to say so. */
export function isHarmless(command: string): boolean {
  const parsed = parseCommand(command);
  if (parsed.kind !== 'simple') return false;
  const [program = '', ...words] = parsed.words;
  if (!Object.hasOwn(known, program)) return false;
  const { options, others, most = Number.POSITIVE_INFINITY } = known[program]!;
  const rest = words.filter((word) => !options.test(word));
  return rest.length <= most && rest.every((word) => others?.test(word));
}
