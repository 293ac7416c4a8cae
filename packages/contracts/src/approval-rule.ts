import { z } from 'zod';
import { ApprovalKind } from './chat-event.ts';
import { limits } from './limits.ts';
import { findAllowProblem, readAllowed } from './rules/allow.ts';
import { compareAddress, compareCommand, comparePath } from './rules/deny.ts';
import { isHarmless } from './rules/harmless.ts';
import type { Match } from './rules/match.ts';
import { normalizePattern, type PatternProblem } from './rules/pattern.ts';
import { readCommandSubject } from './rules/subject.ts';
import { storable } from './text.ts';

export const RuleAction = z.enum(['allow', 'ask', 'deny']).meta({ id: 'RuleAction' });
export type RuleAction = z.infer<typeof RuleAction>;

/** What a person does not see: a pattern has none of it. */
const unseen = /[^\P{C}\n\t]/u;
const isCommand = (kind: ApprovalKind) => kind === 'exec' || kind === 'exec-unsandboxed';

const problems: Record<PatternProblem, string> = {
  invisible: 'It has characters that nobody can see.',
  operator: 'A command with ; & | < > $ or brackets is allowed only as a whole text, without a *.',
  program: 'The program has to be named: * stands only for its arguments, or alone for any program.',
  rest: '** stands for the rest of a command, so it is the last word.',
  path: 'What may be written is an absolute path, without . and .. in it.',
  site: 'What may be fetched begins with a whole site, such as https://example.com/',
};

type Pattern = { kind: ApprovalKind; pattern: string; action: RuleAction };

/** Returns why a rule could not mean anything, if it cannot. */
export function findPatternProblem({ kind, pattern, action }: Pattern): PatternProblem | undefined {
  if (storable(pattern) !== pattern || unseen.test(pattern)) return 'invisible';
  return action === 'allow' ? findAllowProblem(kind, normalizePattern(pattern, isCommand(kind))) : undefined;
}

/**
 * One rule of an instance. Of an allow for commands the pattern is words: `*` stands for one of them or a part of one,
 * `**` for the rest. A deny or an ask is for every spelling of what it names. Blanks that mean nothing are left out.
 */
export const ApprovalRule = z
  .object({
    kind: ApprovalKind,
    pattern: z.string().trim().min(1).max(limits.rulePattern),
    action: RuleAction,
  })
  .check((context) => {
    const problem = findPatternProblem(context.value);
    if (problem)
      context.issues.push({
        code: 'custom',
        path: ['pattern'],
        message: problems[problem],
        input: context.value.pattern,
      });
  })
  .overwrite((rule) => ({ ...rule, pattern: normalizePattern(rule.pattern, isCommand(rule.kind)) }))
  .meta({ id: 'ApprovalRule' });
export type ApprovalRule = z.infer<typeof ApprovalRule>;

/** What an agent asks to do: a command, a path or an address. */
export type Asked = {
  kind?: ApprovalKind;
  command: string;
  cwd?: string;
  /** The command's folder holds configuration that an agent wrote. */
  agentConfiguration?: boolean;
  warning?: string | null;
};

/** What the rules make of it. */
export type RuleDecision<Rule> = {
  action: RuleAction;
  /** What decided: the rule's pattern, or the command itself where it only tells something. Null: a person decides. */
  by: string | null;
  /** The rule that decided, or that may be for it. */
  rule: Rule | null;
  /** `doubt`: it cannot be told whether the rule is for it. `unusual`: something beside the text can make something else of it. */
  because: 'rule' | 'doubt' | 'unusual' | 'harmless' | 'none';
};

/**
 * Decides by the first rule that matches; where none does, a person is asked, unless the command only tells something.
 * Where it cannot be told whether a deny or an ask is for it, no later allow counts. An allow is for its own kind; a deny
 * or an ask of commands is for those outside of the sandbox too. Nothing is allowed that was too long to be told whole,
 * that comes with a warning, or whose folder holds configuration that an agent wrote.
 */
export function actionFor<Rule extends ApprovalRule>(rules: readonly Rule[], asked: Asked): RuleDecision<Rule> {
  const kind = asked.kind ?? 'exec';
  const isUnusual = Boolean(asked.agentConfiguration || asked.warning) || asked.command.length >= limits.command - 1;
  const compare = compareWith(asked);
  const isAllowed = readAllowed(kind, asked.command);
  let doubted: Rule | null = null;
  for (const rule of rules) {
    if (rule.action === 'allow') {
      if (rule.kind !== kind || isUnusual || !isAllowed(rule.pattern)) continue;
      if (doubted) break;
      return { action: 'allow', by: rule.pattern, rule, because: 'rule' };
    }
    if (rule.kind !== kind && !(rule.kind === 'exec' && kind === 'exec-unsandboxed')) continue;
    const match = compare(rule.pattern);
    if (match === 'yes') return { action: rule.action, by: rule.pattern, rule, because: 'rule' };
    if (match === 'maybe') doubted ??= rule;
  }
  if (doubted) return { action: 'ask', by: null, rule: doubted, because: 'doubt' };
  if (kind === 'exec' && !isUnusual && isHarmless(asked.command))
    return { action: 'allow', by: asked.command, rule: null, because: 'harmless' };
  return { action: 'ask', by: null, rule: null, because: isUnusual ? 'unusual' : 'none' };
}

/** Reads what is asked once for all rules. */
function compareWith({ kind = 'exec', command, cwd }: Asked): (pattern: string) => Match {
  if (kind === 'write') return (pattern) => comparePath(pattern, command);
  if (kind === 'fetch') return (pattern) => compareAddress(pattern, command);
  let subject: ReturnType<typeof readCommandSubject> | undefined;
  return (pattern) => {
    subject ??= readCommandSubject(command, cwd);
    return compareCommand(pattern, subject);
  };
}
