import { ApprovalRule, decideByRules } from '@it0/contracts/approval-rule';
import type { ApprovalKind } from '@it0/contracts/chat-event';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Concern, listConcerns, type Segment, splitVisible } from './visible-text.ts';

/** Parts of typical commands, and characters that are hard to see in them. */
const anything = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom(
      ' ',
      '  ',
      '\n',
      '\r\n',
      '\t',
      '\u00a0',
      '\u202e',
      '\u200b',
      '\ufe0f',
      '\ufffd',
      '\ud800',
      '\udc00',
    ),
    fc.constantFrom('rm', 'ѕ', 'а', 'א', '；', '—', 'e\u0301', '\u0338', '你好', '👩‍💻', '\u{e0041}', '\ue000'),
    fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
  ),
);
const text = anything.map((parts) => parts.join(''));

test('splitVisible keeps every code unit of any text', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(
        splitVisible(value)
          .map(({ raw }) => raw)
          .join(''),
      ).toBe(value);
    }),
    { numRuns: 2_000 },
  );
});

/** Returns the text as it is rendered: the labels of marked segments, and the others unchanged. */
const ink = (segments: Segment[]) =>
  segments.map((segment) => (segment.kind === 'marked' ? segment.label : segment.raw)).join('');
const inkless = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffc\ufffd]|(?! )\p{Zs}/u;

test('splitVisible leaves no invisible character unmarked', () => {
  fc.assert(
    fc.property(text, (value) => {
      const segments = splitVisible(value);
      expect(inkless.test(ink(segments))).toBe(false);
      for (const { kind, raw } of segments) if (kind !== 'marked') expect(raw).not.toMatch(/[\n\t]| {2}/);
    }),
    { numRuns: 2_000 },
  );
});

/** Default_Ignorable_Code_Point of Unicode 16, which has Bidi_Control and the tags. */
const ignorable = [
  ...[[0xad], [0x34f], [0x61c], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x200b, 0x200f]],
  ...[[0x202a, 0x202e], [0x2060, 0x206f], [0x3164], [0xfe00, 0xfe0f], [0xfeff], [0xffa0], [0xfff0, 0xfff8]],
  ...[
    [0x1bca0, 0x1bca3],
    [0x1d173, 0x1d17a],
    [0xe0000, 0xe0fff],
  ],
];
const blankGlyphs = [[0x2800], [0xfffc], [0x13441, 0x13442], [0x16fe4], [0x1d159]];
const spaces = [[0xa0], [0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f], [0x205f], [0x3000]];
const unseen = [...ignorable, ...blankGlyphs, ...spaces].flatMap(([first, last = first]) =>
  Array.from({ length: last! - first! + 1 }, (_, index) => String.fromCodePoint(first! + index)),
);

test('splitVisible marks every character of Unicode that cannot be seen', () => {
  const unmarked = unseen.filter((char) => marks(`a${char}b`).length !== 1);
  expect(unmarked.map((char) => char.codePointAt(0)!.toString(16))).toEqual([]);
});

test('decideByRules allows no command or file with a character that cannot be seen, and no rule has one', () => {
  const allow = (kind: ApprovalKind, pattern: string) => ({ kind, pattern, action: 'allow' }) as const;
  const passed = unseen.filter((char) => {
    const name = `a${char}b`;
    const isAllowed = [
      decideByRules([allow('exec', 'cat **'), allow('exec', '**')], { command: `cat ${name}` }),
      decideByRules([allow('exec', 'cat **'), allow('exec', '**')], { command: `cat '${name}'` }),
      decideByRules([allow('write', '/srv/**')], { kind: 'write', command: `/srv/${name}` }),
      decideByRules([allow('fetch', 'https://a.example/*')], { kind: 'fetch', command: `https://a.example/${name}` }),
    ].some(({ action }) => action === 'allow');
    const isPattern = ApprovalRule.safeParse(allow('exec', `cat ${name}`)).success;
    return isAllowed || isPattern;
  });
  expect(passed.map((char) => char.codePointAt(0)!.toString(16))).toEqual([]);
});

test('splitVisible shows different texts differently', () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      fc.pre(one !== other && one.isWellFormed() && other.isWellFormed());
      // Compared with the kind, since labels are styled and a backslash of the text is not.
      const shown = (value: string) =>
        JSON.stringify(splitVisible(value).map(({ kind, raw, ...rest }) => (kind === 'marked' ? rest : raw)));
      expect(shown(one)).not.toBe(shown(other));
    }),
  );
});

const marks = (value: string): [Concern, string][] =>
  splitVisible(value).flatMap((segment) =>
    segment.kind === 'marked' ? [[segment.concern, segment.label] as [Concern, string]] : [],
  );

test.for<[string, [Concern, string][]]>([
  ['df -h /srv', []],
  ['docker logs -f "größe" 2>&1 | grep \'é\' && echo $((1+1))', []],
  ['echo 你好，世界；再见 > /srv/配置.txt', []],
  ['cat /srv/Документы/план.txt', []],
  ['ls /srv/nginx配置', []],
  ['echo µs', []],
  ['df  -h', [['layout', '··']]],
  [
    ' df ',
    [
      ['layout', '·'],
      ['layout', '·'],
    ],
  ],
  [
    'a\n\tb\r\n',
    [
      ['layout', '⏎'],
      ['layout', '⇥'],
      ['control', '\\u000d'],
      ['layout', '⏎'],
    ],
  ],
  [`df${' '.repeat(2_000)};rm`, [['layout', '·×2000']]],
  [`df${'\n'.repeat(90)};rm`, [['layout', '⏎×90']]],
  [
    'df\u001b[2K\u0000\u007f\u0085',
    [
      ['control', '\\u001b'],
      ['control', '\\u0000'],
      ['control', '\\u007f'],
      ['control', '\\u0085'],
    ],
  ],
  [
    'df\u00a0-h\u3000\u2028x\u2800',
    [
      ['space', '\\u00a0'],
      ['space', '\\u3000'],
      ['space', '\\u2028'],
      ['space', '\\u2800'],
    ],
  ],
  [
    'r\u200bm\u00ad\u2060\ufeff\u3164\u{e0072}\ufe0f',
    ['\\u200b', '\\u00ad', '\\u2060', '\\ufeff', '\\u3164', '\\u{e0072}', '\\ufe0f'].map((label): [Concern, string] => [
      'invisible',
      label,
    ]),
  ],
  [
    'df \u202e\u2066h-\u200f',
    ['\\u202e', '\\u2066', '\\u200f'].map((label): [Concern, string] => ['direction', label]),
  ],
  [
    '\ue000\ufffd\u0378\u{10fffe}',
    ['\\ue000', '\\ufffd', '\\u0378', '\\u{10fffe}'].map((label): [Concern, string] => ['unknown', label]),
  ],
  [
    'p\u0430ss \u0441\u043e\u0440\u0443',
    ['\\u0430', '\\u0441', '\\u043e', '\\u0440', '\\u0443'].map((label): [Concern, string] => ['lookalike', label]),
  ],
  [
    '\uff52\uff4d \u{1d42b}\u037e \u2014rf \u2019 \u0261it',
    ['\\uff52', '\\uff4d', '\\u{1d42b}', '\\u037e', '\\u2014', '\\u2019', '\\u0261'].map((label): [Concern, string] => [
      'lookalike',
      label,
    ]),
  ],
  [
    'r\u0338m \u0915\u0940 a\u0301',
    [
      ['overlay', '\\u0338'],
      ['overlay', '\\u0301'],
    ],
  ],
])('splitVisible marks %j with its concerns', ([value, expected]) => {
  expect(marks(value)).toEqual(expected);
});

test('splitVisible puts right-to-left words into separate segments', () => {
  expect(splitVisible('rm שלום ; ls مرحبا')).toEqual([
    { kind: 'plain', raw: 'rm ' },
    { kind: 'rtl', raw: 'שלום' },
    { kind: 'plain', raw: ' ; ls ' },
    { kind: 'rtl', raw: 'مرحبا' },
  ]);
});

test.each([
  ['\n', 60],
  ['\u00a0', 3_000],
  ['\u200b', 3_000],
])('splitVisible shows a run of %j as one label, so that it cannot push a command out of view', (character, count) => {
  const [, run, rest, ...others] = splitVisible(`ls${character.repeat(count)}; id`);
  expect(run).toMatchObject({ kind: 'marked', raw: character.repeat(count), count });
  expect([rest?.raw, others]).toEqual(['; id', []]);
});

test('listConcerns lists each character once, with its count', () => {
  expect(listConcerns(splitVisible(`a\u200bb\u200b\nc\u00a0${'\u200c'.repeat(20)}\u202e`))).toEqual([
    ['invisible', ['\\u200b×2', '\\u200c×20']],
    ['space', ['\\u00a0']],
    ['direction', ['\\u202e']],
  ]);
});

test('splitVisible handles the longest content of the most expensive characters', () => {
  for (const worst of ['\u0301', 'a\u200b', '\u200b\u200c', 'а', 'a а', ' \n', 'א ', '，'])
    expect(splitVisible(worst.repeat(64_000 / worst.length)).length).toBeGreaterThan(0);
});
