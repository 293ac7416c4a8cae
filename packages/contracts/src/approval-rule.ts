import { z } from 'zod';
import { ApprovalKind } from './chat-event.ts';
import { limits } from './limits.ts';
import { storable } from './text.ts';

export const RuleAction = z.enum(['allow', 'ask', 'deny']).meta({ id: 'RuleAction' });
export type RuleAction = z.infer<typeof RuleAction>;

/** What a person does not see: a pattern has none of it, and no wildcard of an allow stands for it. */
const unseen = /[^\P{C}\n\t]/u;
/** A site, up to the slash after it. */
const site = /^https?:\/\/[^/*?#@\\\s]+\//;

/**
 * One rule of an instance. The pattern is compared with the whole command, path or address, letter by letter; `*` stands
 * for anything, nothing included. What it stands for in an allow, `ruleFor` says.
 */
export const ApprovalRule = z
  .object({
    kind: ApprovalKind,
    pattern: z
      .string()
      .min(1)
      .max(limits.rulePattern)
      .refine((pattern) => storable(pattern) === pattern && !unseen.test(pattern), 'It has characters nobody can see.'),
    action: RuleAction,
  })
  .refine(
    ({ kind, pattern, action }) => action !== 'allow' || kind !== 'fetch' || site.test(pattern),
    'What may be fetched begins with a whole site, such as https://example.com/',
  )
  .meta({ id: 'ApprovalRule' });
export type ApprovalRule = z.infer<typeof ApprovalRule>;

type Asked = { kind?: ApprovalKind; command: string; agentConfiguration?: boolean; warning?: string | null };

/** Something beside the command can make something else of it, so no pattern for the command says what it does. */
const isUnusual = ({ agentConfiguration, warning }: Asked) => Boolean(agentConfiguration || warning);

/**
 * The rule that decides about a command, path or address: the first that matches, or none, and then a person is asked.
 *
 * In an allow, `*` does not stand for what could make something else of it: for a command, none of `; & | < > $ ( ) { }`,
 * a backtick or a new line, by which a shell runs, reads or writes more. Such a command is allowed only by a pattern that
 * has these characters itself. A path is allowed only when it is absolute and goes straight on, without `..`. What was
 * too long to be told whole is never allowed, nor is a command with variables of its own or a warning.
 */
export const ruleFor = <Rule extends ApprovalRule>(rules: readonly Rule[], asked: Asked): Rule | undefined =>
  rules.find((rule) => rule.kind === (asked.kind ?? 'exec') && matches(rule, asked));

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
const isHarmless = (asked: Asked) =>
  (asked.kind ?? 'exec') === 'exec' && !isUnusual(asked) && harmless.some((command) => command.test(asked.command));

/** What becomes of it by these rules, and by which: where none of them says, what only tells something is allowed by itself. */
export function actionFor(rules: readonly ApprovalRule[], asked: Asked): { action: RuleAction; by: string | null } {
  const rule = ruleFor(rules, asked);
  if (rule) return { action: rule.action, by: rule.pattern };
  return isHarmless(asked) ? { action: 'allow', by: asked.command } : { action: 'ask', by: null };
}

const commandSpecials = /[;&|<>$(){}`\p{C}\p{Zl}\p{Zp}\uFFFD]/u;
/** Exact: what no shell reads as more than a part of a word. */
const specials: Record<ApprovalKind, RegExp> = {
  exec: commandSpecials,
  'exec-unsandboxed': commandSpecials,
  write: /[\p{C}\uFFFD]/u,
  fetch: /[\p{C}\s\\\uFFFD]/u,
};
const strays = (path: string) => !path.startsWith('/') || /(^|\/)\.{1,2}(\/|$)/.test(path);

function matches({ kind, pattern, action }: ApprovalRule, asked: Asked): boolean {
  const { command } = asked;
  if (action !== 'allow') return isLike(pattern, command, () => true);
  if (isUnusual(asked)) return false;
  if (command.length >= limits.command - 1 || (kind === 'write' && strays(command))) return false;
  return isLike(pattern, command, (text) => !specials[kind].test(text));
}

/**
 * Whether `*` can be filled so that the pattern is the text. What stands between two wildcards is taken where it first
 * comes: a later place would only leave more to the wildcard before it.
 */
function isLike(pattern: string, text: string, mayFill: (part: string) => boolean): boolean {
  const [first = '', ...rest] = pattern.split(/\*+/);
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = text.indexOf(piece, from);
    if (at < 0 || !mayFill(text.slice(from, at))) return false;
    from = at + piece.length;
  }
  const end = text.length - last.length;
  return end >= from && text.endsWith(last) && mayFill(text.slice(from, end));
}
