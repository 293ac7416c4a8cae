import { IncrementalMarkdown, type Token, type Tokens } from './incremental-markdown.ts';
import { isElement, isSpan, type MarkdownNode, nestHtml } from './nest-html.ts';

/** Returns the text of Markdown without its markup, for programs that do not know it. Cells are separated by tabs. */
export const toPlainText = (markdown: string): string => joinBlocks(nestHtml(new IncrementalMarkdown().read(markdown)));

function joinBlocks(nodes: MarkdownNode[], separator = '\n\n'): string {
  const blocks: string[] = [];
  let line = '';
  for (const node of nodes) {
    if (isSpan(node)) {
      line += toSpanText(node);
      continue;
    }
    blocks.push(line, toBlockText(node));
    line = '';
  }
  return [...blocks, line].filter((block) => block.trim()).join(separator);
}

function toBlockText(node: MarkdownNode): string {
  if (isElement(node))
    return node.tag === 'ul' || node.tag === 'ol' ? toItems(node.nodes) : joinBlocks(node.nodes, '\n');
  switch (node.type) {
    case 'space':
    case 'def':
      return '';
    case 'heading':
    case 'paragraph':
      return joinSpans(node.tokens);
    case 'code':
    case 'math':
      return node.text;
    case 'blockquote':
      return joinBlocks(nestHtml(node.tokens ?? []));
    case 'list':
      return (node as Tokens.List).items.map((item, index) => toItemText(node as Tokens.List, item, index)).join('\n');
    case 'table':
      return toTableText(node as Tokens.Table);
    default:
      return node.raw.trim();
  }
}

const toItems = (nodes: MarkdownNode[]) =>
  nodes.map((node) => (isElement(node) ? `- ${joinBlocks(node.nodes, '\n')}` : '')).join('\n');

function toItemText(list: Tokens.List, item: Tokens.ListItem, index: number): string {
  const mark = list.ordered ? `${Number(list.start || 1) + index}. ` : '- ';
  const box = item.task ? `[${item.checked ? 'x' : ' '}] ` : '';
  const content = joinBlocks(nestHtml(item.tokens.filter(({ type }) => type !== 'checkbox')), '\n');
  return `${mark}${box}${content.replaceAll('\n', `\n${' '.repeat(mark.length)}`)}`;
}

const toTableText = ({ header, rows }: Tokens.Table) =>
  [header, ...rows]
    .map((row) => row.map(({ tokens }) => joinSpans(tokens).replaceAll('\n', ' ')).join('\t'))
    .join('\n');

const joinSpans = (tokens: Token[] = []): string => nestHtml(tokens).map(toSpanText).join('');

function toSpanText(node: MarkdownNode): string {
  if (isElement(node)) {
    if (node.tag === 'br') return '\n';
    return node.tag === 'image' ? node.text : node.nodes.map(toSpanText).join('');
  }
  if (node.type === 'br') return '\n';
  if (node.type === 'checkbox') return '';
  if (node.type === 'link') return toLinkText(node as Tokens.Link);
  if (node.type === 'codespan' || node.type === 'image' || node.type === 'math') return node.text;
  return 'tokens' in node && node.tokens ? joinSpans(node.tokens) : ((node as Tokens.Text).text ?? node.raw);
}

function toLinkText({ href, tokens }: Tokens.Link) {
  const text = joinSpans(tokens);
  return text === href || href === `mailto:${text}` ? text : `${text} (${href})`;
}
