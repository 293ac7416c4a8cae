import { findDirection } from '@it0/client/markdown/direction';
import type { Token, Tokens } from '@it0/client/markdown/incremental-markdown';
import type { MathToken } from '@it0/client/markdown/math';
import { type HtmlElement, isElement, isSpan, type MarkdownNode, nestHtml } from '@it0/client/markdown/nest-html';
import { Fragment, type ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { Details } from './details.tsx';
import { Formula } from './formula.tsx';
import { ImageLink, Link } from './link.tsx';
import { Table } from './table.tsx';
import { TaskBox } from './task-box.tsx';

type RenderBlock = (node: MarkdownNode, index: number) => ReactNode;

/** Renders blocks, and the text between them as paragraphs. Headings get `level`. */
export function renderBlocks(nodes: MarkdownNode[], level: number, render?: RenderBlock): ReactNode[] {
  const blocks: ReactNode[] = [];
  let spans: MarkdownNode[] = [];
  const endParagraph = () => {
    if (spans.some(({ raw }) => raw.trim()))
      blocks.push(
        <p key={`p${blocks.length}`} dir="auto">
          {renderSpans(spans)}
        </p>,
      );
    spans = [];
  };
  for (const [index, node] of nodes.entries()) {
    if (isSpan(node)) {
      spans.push(node);
      continue;
    }
    endParagraph();
    blocks.push(render ? render(node, index) : renderBlock(node, index, level));
  }
  endParagraph();
  return blocks;
}

/** Renders one block. */
export function renderBlock(node: MarkdownNode, key: number, level: number): ReactNode {
  if (isElement(node)) return renderElement(node, key, level, false);
  switch (node.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading': {
      const Heading = `h${Math.min(6, level)}` as 'h3';
      return (
        <Heading key={key} dir="auto">
          {renderInline(node.tokens)}
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p key={key} dir="auto">
          {renderInline(node.tokens)}
        </p>
      );
    case 'code':
      return <CodeBlock key={key} code={node.text} language={node.lang} />;
    case 'math':
      return <Formula key={key} math={node as MathToken} />;
    case 'blockquote':
      return (
        <blockquote key={key} dir={findDirection(node.text)}>
          {renderBlocks(nestHtml(node.tokens ?? []), level)}
        </blockquote>
      );
    case 'list':
      return renderList(node as Tokens.List, key, level);
    case 'table':
      return <Table key={key} table={node as Tokens.Table} renderCell={(cell) => renderInline(cell.tokens)} />;
    case 'hr':
      return <hr key={key} />;
    default:
      return (
        <p key={key} dir="auto">
          {node.raw}
        </p>
      );
  }
}

function renderList(list: Tokens.List, key: number, level: number) {
  const Tag = list.ordered ? 'ol' : 'ul';
  return (
    <Tag key={key} dir={findDirection(list.raw)} start={list.ordered && list.start !== '' ? list.start : undefined}>
      {list.items.map((item, index) => (
        <li key={index} dir={findDirection(item.text)}>
          {item.task && <TaskBox isDone={item.checked ?? false} />}
          {renderItem(item, level)}
        </li>
      ))}
    </Tag>
  );
}

/** Renders the content of an item. The text of a tight list is not a paragraph. */
function renderItem(item: Tokens.ListItem, level: number): ReactNode {
  const nodes = nestHtml(item.tokens.filter(({ type }) => type !== 'checkbox'));
  if (item.loose) return renderBlocks(nodes, level);
  return nodes.map((node, index) => (isSpan(node) ? renderSpan(node, index, false) : renderBlock(node, index, level)));
}

const renderInline = (tokens: Token[] | undefined, inLink = false): ReactNode =>
  renderSpans(nestHtml(tokens ?? []), inLink);

const renderSpans = (nodes: MarkdownNode[], inLink = false): ReactNode =>
  nodes.map((node, index) => renderSpan(node, index, inLink));

/** Renders a part of a line. `inLink`: links in it are only text. */
function renderSpan(node: MarkdownNode, key: number, inLink: boolean): ReactNode {
  if (isElement(node)) return renderElement(node, key, 0, inLink);
  switch (node.type) {
    case 'strong':
      return <strong key={key}>{renderInline(node.tokens, inLink)}</strong>;
    case 'em':
      return <em key={key}>{renderInline(node.tokens, inLink)}</em>;
    case 'del':
      return <del key={key}>{renderInline(node.tokens, inLink)}</del>;
    case 'codespan':
      return (
        <code key={key} dir="ltr">
          {node.text}
        </code>
      );
    case 'math':
      return <Formula key={key} math={node as MathToken} />;
    case 'br':
      return <br key={key} />;
    case 'checkbox':
      return null;
    case 'link':
      return (
        <Link key={key} href={node.href} inLink={inLink}>
          {renderInline(node.tokens, true)}
        </Link>
      );
    case 'image':
      return <ImageLink key={key} href={node.href} alt={node.text} inLink={inLink} />;
    case 'text':
    case 'escape':
      return (
        <Fragment key={key}>{'tokens' in node && node.tokens ? renderInline(node.tokens, inLink) : node.text}</Fragment>
      );
    default:
      return <Fragment key={key}>{node.raw}</Fragment>;
  }
}

/** Renders an element of HTML without its attributes. */
function renderElement(
  { tag, nodes, href, text }: HtmlElement,
  key: number,
  level: number,
  inLink: boolean,
): ReactNode {
  const spans = () => renderSpans(nodes, inLink);
  switch (tag) {
    case 'br':
      return <br key={key} />;
    case 'wbr':
      return <wbr key={key} />;
    case 'hr':
      return <hr key={key} />;
    case 'blockquote':
      return <blockquote key={key}>{renderBlocks(nodes, level)}</blockquote>;
    case 'image':
      return <ImageLink key={key} href={href} alt={text} inLink={inLink} />;
    case 'link':
      return (
        <Link key={key} href={href} inLink={inLink}>
          {renderSpans(nodes, true)}
        </Link>
      );
    case 'details':
      return (
        <Details key={key} nodes={nodes} renderSpans={renderSpans} renderBlocks={(rest) => renderBlocks(rest, level)} />
      );
    case 'text':
    case 'summary':
      return <Fragment key={key}>{spans()}</Fragment>;
    case 'line':
      return (
        <span key={key} dir="auto" className="block">
          {spans()}
        </span>
      );
    case 'title':
      return (
        <strong key={key} dir="auto" className="block">
          {spans()}
        </strong>
      );
    case 'ul':
    case 'ol': {
      const Tag = tag;
      return (
        <Tag key={key}>{nodes.map((node, index) => isElement(node) && renderElement(node, index, level, inLink))}</Tag>
      );
    }
    case 'li':
      return (
        <li key={key} dir="auto">
          {spans()}
        </li>
      );
    default: {
      const Tag = tag as 'em';
      return <Tag key={key}>{spans()}</Tag>;
    }
  }
}
