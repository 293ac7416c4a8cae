import { renderToStaticMarkup } from 'react-dom/server';
import { IntlProvider } from 'use-intl';
import { expect, test } from 'vitest';
import en from '../../../i18n/en.ts';
import { Markdown } from './markdown.tsx';

/** Renders a reply to HTML, without the classes and directions of elements. */
function render(text: string) {
  const page = renderToStaticMarkup(
    <IntlProvider locale="en" messages={en} timeZone="UTC">
      <Markdown text={text} />
    </IntlProvider>,
  );
  return page.replace(/^<div[^>]*>|<\/div>$/g, '').replaceAll(/ (?:class|dir|style|tabindex)="[^"]*"/g, '');
}

test.each([
  ['a line break of HTML in a table', '|a|\n|-|\n|stop<br>copy<br/>start<BR>|', 'stop<br/>copy<br/>start<br/>'],
  ['keys', 'press <kbd>Ctrl</kbd>+<kbd>C</kbd>', '<p>press <kbd>Ctrl</kbd>+<kbd>C</kbd></p>'],
  ['sub and sup', 'H<sub>2</sub>O, x<sup>2</sup>', '<p>H<sub>2</sub>O, x<sup>2</sup></p>'],
  [
    'a section that folds',
    '<details><summary>Log</summary>\n\n- a\n- b\n\n</details>\n\nend',
    '<details><summary>Log</summary><div><ul><li>a</li><li>b</li></ul></div></details><p>end</p>',
  ],
  [
    'a section without its end, which has not arrived yet',
    '<details>\n\n- a',
    '<details><summary>Details</summary><div><ul><li>a</li></ul></div></details>',
  ],
  ['comments', 'before <!-- x -->\n\n<!-- hidden\n\nnote -->\n\nafter', '<p>before </p><p>after</p>'],
  ['a paragraph with attributes', '<p align="center" onclick="x()">middle</p>', '<p><span>middle</span></p>'],
  ['a span with a style', '<span style="color:red">red</span> text', '<p>red text</p>'],
  [
    'a link of HTML',
    '<a href="https://a.example/x" onclick="x()">guide</a>',
    '<p><a href="https://a.example/x" target="_blank" rel="noreferrer">guide</a></p>',
  ],
  ['a script address of HTML', '<a href="java&#115;cript:alert(1)">x</a>', '<p>x</p>'],
  ['a rule', '<hr>\n\nend', '<hr/><p>end</p>'],
  ['a list of HTML', '<ul><li>a</li><li><b>b</b></li></ul>', '<ul><li>a</li><li><strong>b</strong></li></ul>'],
  ['a tag without its end', 'the <b> tag and </i>', '<p>the &lt;b&gt; tag and &lt;/i&gt;</p>'],
  ['a script', '<script>alert(1)</script>', '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>'],
  ['an event handler', '<svg/onload=alert(1)>', '<p>&lt;svg/onload=alert(1)&gt;</p>'],
  [
    'names in angle brackets',
    'ssh <user>@<host> and <your-token>',
    '<p>ssh &lt;user&gt;@&lt;host&gt; and &lt;your-token&gt;</p>',
  ],
  ['types', '`Map<string, List<int>>` x', '<p><code>Map&lt;string, List&lt;int&gt;&gt;</code> x</p>'],
  ['an image of HTML', '<img src="https://a.example/p.png" alt="p">', '>Image: p</a>'],
])('Markdown shows %s', (_, text, html) => {
  expect(render(text)).toContain(html);
});

test.each([
  ['named and numeric references', '10&nbsp;GB &rarr; &#10003; &check; &le; &#x2713;', '<p>10\u00a0GB → ✓ ✓ ≤ ✓</p>'],
  ['references in headings', '## A &rarr; B', '<h3>A → B</h3>'],
  ['references in cells', '|a|\n|-|\n|5&nbsp;GB|', '<td>5\u00a0GB</td>'],
  ['references in lists', '- a &rarr; b', '<li>a → b</li>'],
  ['references in bold text', '**a &rarr; b**', '<strong>a → b</strong>'],
  ['references in links', '[a &rarr; b](https://a.example/)', '>a → b</a>'],
  ['references in addresses', '[x](https://a.example/?p=1&amp;q=2)', 'href="https://a.example/?p=1&amp;q=2"'],
  [
    'references in bare addresses',
    'https://a.example/?a=1&amp;b=2',
    'href="https://a.example/?a=1&amp;b=2" target="_blank" rel="noreferrer">https://a.example/?a=1&amp;b=2<',
  ],
  ['references in code as they are', '`&rarr;` and `&amp;`', '<code>&amp;rarr;</code> and <code>&amp;amp;</code>'],
  ['a reference once', '&amp;lt; AT&T &nosuch; &#0;&#xD800;', '<p>&amp;lt; AT&amp;T &amp;nosuch; \ufffd\ufffd</p>'],
])('Markdown decodes %s', (_, text, html) => {
  expect(render(text)).toContain(html);
});

test.each([
  ['a definition at the end', 'See [guide][g].\n\nA\n\nB\n\n[g]: https://a.example/g', 'href="https://a.example/g"'],
  ['a definition in a list', '- see [a][1]\n\nX\n\n[1]: https://a.example', 'see <a href="https://a.example"'],
  [
    'the first of two definitions',
    '[g]: https://1.example\n\n[g]: https://2.example\n\n[g]',
    'href="https://1.example"',
  ],
  ['lines of a log as text', 'Was:\n\n[ERROR]: timeout\n[INFO]: retrying', '<p>[ERROR]: timeout\n[INFO]: retrying</p>'],
  ['a note as text', '[note]: down', '<p>[note]: down</p>'],
  [
    'a footnote as text',
    'So[^1].\n\n[^1]: https://a.example/s',
    '<p>So[^1].</p><p>[^1]: <a href="https://a.example/s"',
  ],
  ['an unused definition as text', 'A\n\n[1]: https://a.example', '<p>[1]: <a href="https://a.example"'],
])('Markdown resolves %s', (_, text, html) => {
  expect(render(text)).toContain(html);
});

test.each([
  ['ranges', '5~10 GB, 20~30 GB, ~5 min, ~/a', '<p>5~10 GB, 20~30 GB, ~5 min, ~/a</p>'],
  ['deleted text', '~~old~~ new', '<p><del>old</del> new</p>'],
  ['prices', 'costs $5 and $10, $5 (or 5$)', '<p>costs $5 and $10, $5 (or 5$)</p>'],
  ['shell variables', '$HOME:$PATH and $FOO_A or $BAR_B', '<p>$HOME:$PATH and $FOO_A or $BAR_B</p>'],
  ['escaped brackets', '\\(see below\\) \\[x y\\]', '<p>(see below) [x y]</p>'],
  ['formulas in parentheses', 'is \\( a_1*b_1*c \\)', '>\\( a_1*b_1*c \\)<'],
  ['formulas in brackets', '\\[ a_1*b_1*c \\]', '>\\[ a_1*b_1*c \\]<'],
  ['formulas over lines', '$$\nx\n- y_1\n$$', '>$$\nx\n- y_1\n$$<'],
  ['formulas in dollars', '$a_1*b_1*c$ and $x_i$', '>$a_1*b_1*c$</code> and <span hidden=""></span><code>$x_i$<'],
])('Markdown shows %s', (_, text, html) => {
  expect(render(text)).toContain(html);
});

test('Markdown shows an image in a link as one link to the outer address', () => {
  expect(render('[![build](https://a.example/b.svg)](https://a.example/ci)')).toBe(
    '<p><a href="https://a.example/ci" target="_blank" rel="noreferrer">Image: build</a></p>',
  );
});

test('Markdown names the boxes of a list of tasks', () => {
  expect(render('- [x] a\n- [ ] b')).toMatch(/<input[^>]*aria-label="Done"[^>]*\/>a.*<input[^>]*aria-label="Not done"/);
});

test.each([
  ['##  first', '## A\n\n#### B\n\n### C\n\n# D', ['h3', 'h4', 'h4', 'h3']],
  ['deep ones', '###### A\n\n# B\n\n## C\n\n### D\n\n#### E\n\n##### F', ['h3', 'h3', 'h4', 'h5', 'h6', 'h6']],
])('Markdown skips no level of headings: %s', (_, text, levels) => {
  expect([...render(text).matchAll(/<(h\d)>/g)].map(([, tag]) => tag)).toEqual(levels);
});

test('Markdown sets the direction of each block by its first letter', () => {
  const page = renderToStaticMarkup(
    <IntlProvider locale="en" messages={en} timeZone="UTC">
      <Markdown text={'- قائمة (a).\n\n> اقتباس.\n\n- one'} />
    </IntlProvider>,
  );
  expect(page).toContain('<ul dir="rtl"><li dir="rtl">');
  expect(page).toContain('<blockquote dir="rtl"><p dir="auto">');
  expect(page).toContain('<ul dir="ltr"><li dir="ltr">one');
});
