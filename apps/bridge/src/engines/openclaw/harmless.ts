import type { ApprovalRequested } from './gateway-event.ts';

/** Words and options, of which no shell makes anything else. */
const plain = '( [\\w=.-]+)*';
/** What `date` is to write: without quotes, or in them with spaces too. */
const format = `(\\+[\\w%:.,/-]+|'\\+[\\w %:.,/-]+'|"\\+[\\w %:.,/-]+")`;

/**
 * Commands that only tell something, each as a whole: where arguments could change the machine (`date -s`, `hostname
 * <name>`) only those that do not are among them.
 */
const harmless = [
  new RegExp(`^(uptime|uname|whoami|id|nproc|free)${plain}$`),
  new RegExp(`^date( -u| -R| -I\\w*)?( ${format})?$`),
  /^hostname( -[fsiIdA])?$/,
];

/** Whether a command may run without asking anybody: it is on the list, and nothing about it is out of the ordinary. */
export const isHarmless = ({ request }: ApprovalRequested) =>
  request.allowedDecisions.includes('allow-once') &&
  !request.warningText &&
  !request.envKeys?.length &&
  harmless.some((command) => command.test(request.command));
