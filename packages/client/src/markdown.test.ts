import fc from 'fast-check';
import { Lexer, type Token, type Tokens } from 'marked';
import { expect, test } from 'vitest';
import { IncrementalMarkdown } from './markdown.ts';

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

test('IncrementalMarkdown returns the same blocks for a growing text as for the full text', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: answer.length })), (cuts) => {
      const blocks = new IncrementalMarkdown();
      for (const cut of cuts.sort((a, b) => a - b)) blocks.read(answer.slice(0, cut));
      expect(raws(blocks.read(answer))).toEqual(raws(Lexer.lex(answer)));
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
