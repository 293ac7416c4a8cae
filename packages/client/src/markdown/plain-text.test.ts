import { expect, test } from 'vitest';
import { toPlainText } from './plain-text.ts';

test.each([
  ['# Title\n\nSome **bold** and `code`, H<sub>2</sub>O', 'Title\n\nSome bold and code, H2O'],
  ['- one\n- [x] two\n  - three\n\n3. a\n4. b', '- one\n- [x] two\n  - three\n\n3. a\n4. b'],
  ['| a | b |\n|-|-|\n| 1<br>2 | **x** |', 'a\tb\n1 2\tx'],
  ['```bash\ndf -h\n```\n\n> quoted', 'df -h\n\nquoted'],
  ['[guide][g] https://a.example\n\n[g]: https://a.example/g', 'guide (https://a.example/g) https://a.example'],
  ['<details><summary>Log</summary>\n\n- a\n\n</details>', 'Log\n- a'],
  ['a &rarr; b<!-- x -->', 'a → b'],
])('toPlainText removes the markup of %j', (markdown, text) => {
  expect(toPlainText(markdown)).toBe(text);
});
