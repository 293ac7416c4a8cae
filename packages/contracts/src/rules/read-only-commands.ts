import { parseCommand } from './shell-words.ts';

/** Allowed arguments of a program. Options may be repeated, since none of them loops, waits or changes anything. */
type AllowedArguments = {
  options: RegExp;
  operands?: RegExp;
  /** Defaults to any number. */
  maxOperands?: number;
};

const VERSION = '--version|--help';
const ALLOWED_ARGUMENTS: Record<string, AllowedArguments> = {
  uptime: { options: new RegExp(`^(-[psVh]|--pretty|--since|${VERSION})$`) },
  uname: {
    options: new RegExp(
      `^(-[asnrvmpio]+|--(all|kernel-name|nodename|kernel-release|kernel-version|machine|processor|hardware-platform|operating-system)|${VERSION})$`,
    ),
  },
  whoami: { options: new RegExp(`^(${VERSION})$`) },
  id: {
    options: new RegExp(`^(-[ugGnrzZa]+|--(user|group|groups|name|real|zero|context)|${VERSION})$`),
    operands: /^\w[\w.-]*$/,
  },
  nproc: { options: new RegExp(`^(--all|--ignore=\\d{1,4}|${VERSION})$`) },
  // `-s` and `-c` are left out, since they repeat the output.
  free: {
    options: new RegExp(
      `^(-[bkmghtlwvV]+|--(bytes|kilo|mega|giga|tera|human|si|lohi|total|wide|committed)|${VERSION})$`,
    ),
  },
  date: {
    options: /^(-[uR]|--utc|--universal|-I(date|hours|minutes|seconds|ns)?)$/,
    operands: /^\+[\w %:.,/-]+$/,
    maxOperands: 1,
  },
  hostname: { options: /^-[fsiIdA]$/ },
};

/** Returns whether a command only prints information and then ends, so that it needs no rule. */
export function isReadOnlyCommand(command: string): boolean {
  const parsed = parseCommand(command);
  if (parsed.kind !== 'simple') return false;
  const [program = '', ...words] = parsed.words;
  if (!Object.hasOwn(ALLOWED_ARGUMENTS, program)) return false;
  const { options, operands, maxOperands = Number.POSITIVE_INFINITY } = ALLOWED_ARGUMENTS[program]!;
  const rest = words.filter((word) => !options.test(word));
  return rest.length <= maxOperands && rest.every((word) => operands?.test(word));
}
