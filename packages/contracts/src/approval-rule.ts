import { z } from 'zod';
import { ApprovalKind } from './chat-event.ts';
import { hasInvisible } from './invisible.ts';
import { limits } from './limits.ts';
import { findAllowProblem, matchAllow } from './rules/allow.ts';
import { matchDeny } from './rules/deny.ts';
import { normalizePattern, type PatternProblem } from './rules/pattern.ts';
import { isReadOnlyCommand } from './rules/read-only-commands.ts';
import { createWork } from './rules/work.ts';

/** Action of a rule on the requests that it matches. */
export const RuleAction = z.enum(['allow', 'ask', 'deny']).meta({ id: 'RuleAction' });
export type RuleAction = z.infer<typeof RuleAction>;

const isCommand = (kind: ApprovalKind) => kind === 'exec' || kind === 'exec-unsandboxed';

const PROBLEM_MESSAGES: Record<PatternProblem, string> = {
  invisible: 'The pattern contains invisible characters.',
  operator: 'A command with ; & | < > $ or brackets can only be allowed as an exact text, without *.',
  program: 'Name the program: * matches its arguments, or any program when it is the whole pattern.',
  rest: '** matches the rest of a command, so it must be the last word.',
  path: 'Use an absolute path without . and .. segments.',
  site: 'Begin with a complete origin, such as https://example.com/',
};

type Pattern = { kind: ApprovalKind; pattern: string; action: RuleAction };

/** Returns the reason why a rule can match nothing; undefined when it can match. */
export function findPatternProblem({ kind, pattern, action }: Pattern): PatternProblem | undefined {
  if (hasInvisible(pattern)) return 'invisible';
  return action === 'allow' ? findAllowProblem(kind, normalizePattern(pattern, isCommand(kind))) : undefined;
}

/**
 * One rule of an instance. The pattern of an allow for commands consists of words: `*` matches one word or a part of
 * one, `**` the rest. A deny or ask matches every spelling of its pattern. Insignificant blanks are removed.
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
        message: PROBLEM_MESSAGES[problem],
        input: context.value.pattern,
      });
  })
  .overwrite((rule) => ({ ...rule, pattern: normalizePattern(rule.pattern, isCommand(rule.kind)) }))
  .meta({ id: 'ApprovalRule' });
export type ApprovalRule = z.infer<typeof ApprovalRule>;

/** The request of an agent that rules decide. */
export type RuleRequest = {
  /** Defaults to `exec`. */
  kind?: ApprovalKind;
  /** The command, path or address, by `kind`. */
  command: string;
  cwd?: string;
  /** The command's folder has configuration that an agent wrote. */
  agentConfiguration?: boolean;
  warning?: string | null;
};

/** The decision of the rules about a request. */
export type RuleDecision<Rule> = {
  action: RuleAction;
  /** The pattern of the deciding rule, or the read-only command itself. Null when a person decides. */
  by: string | null;
  /** The rule that decided, or that may match in case of `doubt`. */
  rule: Rule | null;
  /**
   * `doubt`: it is unclear whether the rule matches. `unusual`: conditions outside the text can change its effect.
   * `harmless`: a read-only command, which needs no rule. `none`: no rule matches.
   */
  because: 'rule' | 'doubt' | 'unusual' | 'harmless' | 'none';
};

/**
 * Decides by the first matching rule. When none matches, a person is asked, unless the command is read-only. When it is
 * unclear whether a deny or ask matches, later allows do not count. An allow applies only to its own kind; a deny or
 * ask of commands also applies to those outside the sandbox. Requests that were truncated, have a warning or run in a
 * folder with configuration from an agent are never allowed. Once the limit of `work` is reached, everything is
 * unclear.
 */
export function decideByRules<Rule extends ApprovalRule>(
  rules: readonly Rule[],
  request: RuleRequest,
  work = createWork(),
): RuleDecision<Rule> {
  const { kind = 'exec', command, cwd } = request;
  const isUnusual = Boolean(request.agentConfiguration || request.warning) || command.length >= limits.command - 1;
  const compare = matchDeny({ kind, command, cwd }, work);
  const isAllowed = matchAllow(kind, command, work);
  let doubted: Rule | null = null;
  for (const rule of rules) {
    if (rule.action === 'allow') {
      if (rule.kind !== kind || isUnusual) continue;
      if (isAllowed(rule.pattern)) {
        if (doubted) break;
        return { action: 'allow', by: rule.pattern, rule, because: 'rule' };
      }
    } else {
      if (rule.kind !== kind && !(rule.kind === 'exec' && kind === 'exec-unsandboxed')) continue;
      const match = compare(rule.pattern);
      if (match === 'yes') return { action: rule.action, by: rule.pattern, rule, because: 'rule' };
      if (match === 'maybe') doubted ??= rule;
    }
    if (work.isSpent()) {
      doubted ??= rule;
      break;
    }
  }
  if (doubted) return { action: 'ask', by: null, rule: doubted, because: 'doubt' };
  if (kind === 'exec' && !isUnusual && isReadOnlyCommand(command))
    return { action: 'allow', by: command, rule: null, because: 'harmless' };
  return { action: 'ask', by: null, rule: null, because: isUnusual ? 'unusual' : 'none' };
}
