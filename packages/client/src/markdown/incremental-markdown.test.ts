import fc from 'fast-check';
import type { Token, Tokens } from 'marked';
import { expect, test } from 'vitest';
import { IncrementalMarkdown } from './incremental-markdown.ts';

const answer = `# Title

Some **bold** text
over two lines.

- one
- two
  - nested

1. first

| a | b |
|---|--:|
| 1 | 2 |

\`\`\`bash
df -h # not a heading
\`\`\`

> quoted

---
<b>html</b> and *emphasis*
`;

const raws = (tokens: { raw: string }[]) => tokens.map(({ raw }) => raw);

/** Lines with every construct, also unfinished ones. Joined at random, each can be inside of another one. */
const lines = [
  ...['', '', '', ' ', 'A', 'B **bold** `code`', '# Title', '---', '===', '> quoted', '>', '\ttab', '    code', '\r'],
  ...['- one', '- two', '  - nested', '  text', '1. first', '- [x] done', '- [ ] open', '* see [a][1]', '+ [g]'],
  ...['| a | b |', '|---|--:|', '| 1<br>2 | [x][g] |', '```bash', '```', '~~~', '# not a heading'],
  ...['[g]: https://a.example/g', '[g]: https://b.example', '[1]: <https://c.example> "title', '"', '[G ]:'],
  ...['[ERROR]: timeout', '[^1]: note', 'See [guide][g], [g][] and [1].', '## [x][g]', '![i][g]', '[[g]][1]', '[^1]'],
  ...[
    '<details><summary>S</summary>',
    '</details>',
    '<!-- a',
    '-->',
    '<div>',
    '<kbd>C</kbd>',
    '<pre>',
    '</pre>',
    '<hr>',
  ],
  ...[
    '\\[',
    '\\]',
    '$$',
    '\\( a_1*b_1 \\)',
    '$x_i$ and $5',
    '&nbsp;&rarr;',
    'https://a.example/?a=1&amp;b=2',
    '**“重点”**后文',
  ],
];
const text = fc.array(fc.constantFrom(...lines), { maxLength: 30 }).map((parts) => parts.join('\n'));
const readAtOnce = (source: string) => new IncrementalMarkdown().read(source);

function readInPieces(source: string, lengths: number[]) {
  const blocks = new IncrementalMarkdown();
  for (let at = 0, next = 0; at < source.length; next++) {
    at += lengths[next % lengths.length] ?? 1;
    blocks.read(source.slice(0, at));
  }
  return blocks.read(source);
}

test('IncrementalMarkdown returns the same tokens for a text in pieces as for the text at once', () => {
  const lengths = fc.oneof(
    fc.constant<number[]>([1]),
    fc.constant<number[]>([6]),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
  );
  fc.assert(
    fc.property(text, lengths, (source, sizes) => {
      expect(readInPieces(source, sizes)).toEqual(readAtOnce(source));
    }),
    { numRuns: 1_000 },
  );
});

test('IncrementalMarkdown returns all of a text', () => {
  fc.assert(
    fc.property(text, (source) => {
      expect(raws(readAtOnce(source)).join('').trimEnd()).toBe(source.replace(/\r\n?/g, '\n').trimEnd());
    }),
  );
});

test('IncrementalMarkdown does not parse closed blocks again', () => {
  const blocks = new IncrementalMarkdown();
  const [before] = blocks.read(answer);
  const [after] = blocks.read(`${answer}\nand more`);
  expect(after).toBe(before);
});

test('IncrementalMarkdown parses a replaced text from the start', () => {
  const blocks = new IncrementalMarkdown();
  blocks.read(answer);
  expect(raws(blocks.read('# Other\n\ntext'))).toEqual(['# Other', '\n\n', 'text']);
});

const parseInline = (text: string) => {
  const [paragraph] = new IncrementalMarkdown().read(text) as [Tokens.Paragraph];
  return paragraph.tokens.map((token: Token) => [token.type, 'text' in token ? token.text : token.raw]);
};

test.each([
  [
    '**“重点”**后文',
    [
      ['strong', '“重点”'],
      ['text', '后文'],
    ],
  ],
  [
    '前文**注意：**请看',
    [
      ['text', '前文'],
      ['strong', '注意：'],
      ['text', '请看'],
    ],
  ],
  [
    '*（斜体）*文',
    [
      ['em', '（斜体）'],
      ['text', '文'],
    ],
  ],
  [
    '**优缺点**与**风险**',
    [
      ['strong', '优缺点'],
      ['text', '与'],
      ['strong', '风险'],
    ],
  ],
  [
    '`**“代码”**`后文',
    [
      ['codespan', '**“代码”**'],
      ['text', '后文'],
    ],
  ],
  [
    '见 https://a.com/x。后文',
    [
      ['text', '见 '],
      ['link', 'https://a.com/x'],
      ['text', '。后文'],
    ],
  ],
  [
    '2 * 3 * 4 **bold** 5',
    [
      ['text', '2 * 3 * 4 '],
      ['strong', 'bold'],
      ['text', ' 5'],
    ],
  ],
])('IncrementalMarkdown finds the end of emphasis and links in %j', (text, tokens) => {
  expect(parseInline(text)).toEqual(tokens);
});
