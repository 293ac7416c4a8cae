import { type ApprovalRule, decideByRules } from '../approval-rule.ts';
import { explainPattern, fillGlob, type PatternPart } from './explain.ts';
import { findOrigin } from './pattern.ts';
import { quote } from './shell-words.ts';

/** Requests that a rule matches, and similar ones that it does not match; at most three of each. */
export type RuleExamples = { matching: string[]; others: string[] };

const MAX_EXAMPLES = 3;

/** Finds examples for a rule. Each was verified with the rule itself. */
export function findExamples(rule: ApprovalRule): RuleExamples {
  const { matching, others } = suggest(rule);
  const decide = (command: string) => decideByRules([rule], { kind: rule.kind, command }).because;
  const pick = (texts: string[], isExample: (text: string) => boolean) =>
    [...new Set(texts)].filter(isExample).slice(0, MAX_EXAMPLES);
  return {
    matching: pick(matching, (text) => decide(text) === 'rule'),
    others: pick(others, (text) => !['rule', 'doubt'].includes(decide(text))),
  };
}

/** Returns candidates for examples, the most instructive first. */
function suggest(rule: ApprovalRule): RuleExamples {
  const explained = explainPattern(rule);
  if (explained.scope === 'words') return suggestWords(explained.parts);
  if (explained.scope === 'any') return explained.rest ? ANY_COMMAND : ANY_PROGRAM;
  if (explained.scope === 'text') return suggestText(explained.text);
  if (explained.scope === 'line') return suggestLines(explained.text);
  if (explained.scope === 'spellings') return suggestSpellings(explained);
  if (explained.scope === 'path') return suggestPaths(rule.pattern);
  if (explained.scope === 'address') return suggestAddresses(rule.pattern);
  return { matching: explained.scope === 'everything' ? EVERYTHING[rule.kind] : [], others: [] };
}

const ANY_COMMAND = {
  matching: ['uptime', 'df -h /srv', 'git status'],
  others: ['df -h; reboot', 'sh -c reboot', 'df -h > /etc/hosts'],
};
const ANY_PROGRAM = { matching: ['uptime', 'df', 'ls'], others: ['df -h', 'df; reboot', 'df > /etc/hosts'] };
const EVERYTHING = {
  exec: ['uptime', 'df -h; reboot', 'sh -c reboot'],
  'exec-unsandboxed': ['uptime', 'df -h; reboot', 'sh -c reboot'],
  write: ['/etc/hosts', '/srv/app/a.txt', '/home/me/.bashrc'],
  fetch: ['https://example.com/', 'http://example.com/a', 'https://example.org/a?b=c'],
};

const join = (words: string[]) => words.map(quote).join(' ');

const SAMPLES = [
  { name: 'nginx', path: 'a', rest: [] },
  { name: 'main', path: 'a/b.txt', rest: ['-v'] },
  { name: 'a.txt', path: 'x.log', rest: ['a.txt', '--all'] },
];

function suggestWords(parts: PatternPart[]): RuleExamples {
  const fill = (sample: (typeof SAMPLES)[number]) =>
    parts.flatMap((part) => {
      if (part.type === 'rest') return sample.rest;
      if (part.type === 'word') return [part.text];
      if (part.type === 'one') return [sample.name];
      return [fillGlob(part.text, part.text.includes('/') ? sample.path : sample.name)];
    });
  const commands = SAMPLES.map(fill);
  const [first = []] = commands;
  const command = join(first);
  const [program = '', ...others] = first;
  // The last word with a star is filled differently.
  const at = parts.findLastIndex(({ type }) => type === 'one' || type === 'part');
  const starred = parts[at];
  const change = (filling: string) => {
    if (!starred) return [];
    const word = starred.type === 'part' ? fillGlob(starred.text, filling) : filling;
    return [join(first.with(at, word))];
  };
  return {
    matching: [
      ...commands.map(join),
      [program, ...others].map(quote).join('  '),
      [program, ...others.map((word) => `"${word}"`)].join(' '),
      [`'${program}'`, ...others.map(quote)].join(' '),
    ],
    others: [
      ...change('../../etc'),
      ...(starred?.type === 'one' ? change('--host=other') : []),
      join([...first, '/etc/passwd']),
      `${command}; reboot`,
      `${command} > /etc/hosts`,
      ...(others.length > 0 ? [join(first.slice(0, -1))] : []),
      `sudo ${command}`,
    ],
  };
}

const suggestText = (text: string): RuleExamples => ({
  matching: [text],
  others: [`${text} x`, `${text} && reboot`, `sudo ${text}`],
});

function suggestLines(pattern: string): RuleExamples {
  const text = pattern.replace(/^\*+(?=\/)/, 'cat ').replace(/^\*+/, '');
  const lines = ['', 'a', 'b'].map((filling) => fillGlob(text, filling).trim());
  return {
    matching: [lines[0]!, `df -h; ${lines[1]}`, `sudo ${lines[0]}`, ...lines],
    others: ['uptime', 'df -h', 'ls /srv'],
  };
}

type Spellings = { program: string; options: string[]; parts: PatternPart[] };

function suggestSpellings({ program, options, parts }: Spellings): RuleExamples {
  const name = fillGlob(program, '');
  const words = parts.map((part) => ('text' in part ? fillGlob(part.text, part.type === 'part' ? 'a' : '') : 'a'));
  const flags = options.map((option) => fillGlob(option, ''));
  const command = join([name, ...flags, ...words]);
  const letters = flags.flatMap((option) =>
    /^-[A-Za-z]{2,3}$/.test(option) ? [...option.slice(1)].map((letter) => `-${letter}`).reverse() : [option],
  );
  const elsewhere = program.includes('/') ? program : `/usr/bin/${program}`;
  return {
    matching: [
      join([name, ...flags, ...words, ...(words.length > 0 ? [] : ['a'])]),
      ...(letters.length > flags.length ? [join([name, ...letters, ...words])] : []),
      join([fillGlob(elsewhere, ''), ...flags, ...words]),
      `df -h; ${command}`,
      `sudo ${command}`,
      command,
      program.replaceAll('*', 'a'),
    ],
    others: [
      ...(words.length > 0 ? [join([name, ...flags, 'other'])] : []),
      ...flags
        .filter((option) => /^-[A-Za-z]{2,3}$/.test(option))
        .map((option) => join([name, option.slice(0, 2), 'a'])),
      ...(flags.length > 0 ? [join([name, ...words, 'a'])] : []),
      ...(flags.length + words.length > 0 ? [join([name])] : []),
      `${quote(name)}x`,
      'uptime',
      'df -h',
      'ls /srv',
    ],
  };
}

function suggestPaths(pattern: string): RuleExamples {
  const fill = (one: string, deep: string) => pattern.replace(/\*+/g, (star) => (star.length > 1 ? deep : one));
  return {
    matching: [fill('a.txt', 'a.txt'), fill('b', 'a/b.txt'), fill('c.conf', 'c.conf'), fill('', ''), fill('a', 'a')],
    others: [
      fill('../a.txt', '../a.txt'),
      fill('a/b.txt', '../b.txt'),
      fill('.git', '.git/config'),
      ...['/etc/passwd', '/home/me/a.txt', '/opt/a.txt', '/a'],
      `${fill('a', 'a')}.bak`,
    ],
  };
}

function suggestAddresses(pattern: string): RuleExamples {
  const fill = (filling: string) => fillGlob(pattern, filling);
  const site = findOrigin(pattern) ?? 'https://example.com';
  return {
    matching: [fill(''), fill('a'), fill('a/b?c=d'), fill('b.txt')],
    others: [
      `${site}.evil.example/`,
      `${site.replace('//', '//user@')}/`,
      fill('../a'),
      ...['https://example.org/', 'http://127.0.0.1/', 'https://a.invalid/'],
    ],
  };
}
