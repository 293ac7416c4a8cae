import fc from 'fast-check';
import { Lexer } from 'marked';
import { expect, test } from 'vitest';
import { Blocks } from './markdown.ts';

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

test('a text read as it grows has the same blocks as the text read at once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: answer.length })), (cuts) => {
      const blocks = new Blocks();
      for (const cut of cuts.sort((a, b) => a - b)) blocks.read(answer.slice(0, cut));
      expect(raws(blocks.read(answer))).toEqual(raws(Lexer.lex(answer)));
    }),
  );
});

test('closed blocks are not read again', () => {
  const blocks = new Blocks();
  const [before] = blocks.read(answer);
  const [after] = blocks.read(`${answer}\nand more`);
  expect(after).toBe(before);
});

test('a text that was rewritten is read anew', () => {
  const blocks = new Blocks();
  blocks.read(answer);
  expect(raws(blocks.read('# Other\n\ntext'))).toEqual(['# Other', '\n\n', 'text']);
});
