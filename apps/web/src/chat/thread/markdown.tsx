import { IncrementalMarkdown, type Token, type Tokens } from '@it0/client/markdown';
import { Fragment, memo, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { CodeBlock } from './code-block.tsx';

/** An agent's text. HTML in it is shown, never run; links leave only for addresses that are safe to follow. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const [blocks] = useState(() => new IncrementalMarkdown());
  return (
    <div className="markdown">
      {blocks.read(text).map((token, index) => (
        <Block key={index} token={token} />
      ))}
    </div>
  );
});

const Block = memo(
  ({ token }: { token: Token }) => block(token, 0),
  (before, after) => before.token.raw === after.token.raw && before.token.type === after.token.type,
);

function block(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading': {
      // The page has its own first two levels.
      const Heading = `h${Math.min(6, token.depth + 2)}` as 'h3';
      return <Heading key={key}>{inline(token.tokens)}</Heading>;
    }
    case 'paragraph':
      return <p key={key}>{inline(token.tokens)}</p>;
    case 'text':
      return <Fragment key={key}>{token.tokens ? inline(token.tokens) : decoded(token.text)}</Fragment>;
    case 'code':
      return <CodeBlock key={key} code={token.text} language={token.lang} />;
    case 'blockquote':
      return <blockquote key={key}>{token.tokens?.map(block)}</blockquote>;
    case 'list':
      return <List key={key} list={token as Tokens.List} />;
    case 'table':
      return <Table key={key} table={token as Tokens.Table} />;
    case 'hr':
      return <hr key={key} />;
    default:
      return <p key={key}>{token.raw}</p>;
  }
}

function List({ list }: { list: Tokens.List }) {
  const Tag = list.ordered ? 'ol' : 'ul';
  return (
    <Tag start={list.ordered && list.start !== '' ? list.start : undefined}>
      {list.items.map((item, index) => (
        <li key={index}>
          {item.task && (
            <input type="checkbox" checked={item.checked} readOnly tabIndex={-1} className="mr-2 align-middle" />
          )}
          {item.tokens.filter(({ type }) => type !== 'checkbox').map(block)}
        </li>
      ))}
    </Tag>
  );
}

function Table({ table }: { table: Tokens.Table }) {
  const cell = (Tag: 'th' | 'td') => (content: Tokens.TableCell, index: number) => (
    <Tag key={index} style={{ textAlign: content.align ?? undefined }}>
      {inline(content.tokens)}
    </Tag>
  );
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what has the focus
      tabIndex={0}
      className="overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full">
        <thead>
          <tr>{table.header.map(cell('th'))}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>{row.map(cell('td'))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const inline = (tokens: Token[] | undefined): ReactNode => tokens?.map(span);

function span(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong key={key}>{inline(token.tokens)}</strong>;
    case 'em':
      return <em key={key}>{inline(token.tokens)}</em>;
    case 'del':
      return <del key={key}>{inline(token.tokens)}</del>;
    case 'codespan':
      return <code key={key}>{token.text}</code>;
    case 'br':
      return <br key={key} />;
    case 'link':
      return (
        <Link key={key} href={token.href}>
          {inline(token.tokens)}
        </Link>
      );
    case 'image':
      return <ImageLink key={key} href={token.href} alt={token.text} />;
    case 'text':
    case 'escape':
      return (
        <Fragment key={key}>{'tokens' in token && token.tokens ? inline(token.tokens) : decoded(token.text)}</Fragment>
      );
    default:
      return <Fragment key={key}>{token.raw}</Fragment>;
  }
}

function Link({ href, children }: { href: string; children: ReactNode }) {
  if (!/^(https?:|mailto:)/i.test(href)) return children;
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

/** A picture elsewhere is not fetched unasked: the request would tell whoever wrote the text that it was read. */
function ImageLink({ href, alt }: { href: string; alt: string }) {
  const t = useTranslations('markdown');
  return <Link href={href}>{t('image', { alt: alt || href })}</Link>;
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const decoded = (text: string) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
