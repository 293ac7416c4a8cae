import { IncrementalMarkdown, type Token, type Tokens } from '@it0/client/markdown';
import { Fragment, memo, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { CodeBlock } from './code-block.tsx';

/** Renders an agent's text. HTML is shown as text, and only http, https and mailto links are clickable. */
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
  ({ token }: { token: Token }) => renderBlock(token, 0),
  (before, after) => before.token.raw === after.token.raw && before.token.type === after.token.type,
);

function renderBlock(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'heading': {
      // The page itself uses the first two levels.
      const Heading = `h${Math.min(6, token.depth + 2)}` as 'h3';
      return <Heading key={key}>{renderInline(token.tokens)}</Heading>;
    }
    case 'paragraph':
      return <p key={key}>{renderInline(token.tokens)}</p>;
    case 'text':
      return <Fragment key={key}>{token.tokens ? renderInline(token.tokens) : decodeEntities(token.text)}</Fragment>;
    case 'code':
      return <CodeBlock key={key} code={token.text} language={token.lang} />;
    case 'blockquote':
      return <blockquote key={key}>{token.tokens?.map(renderBlock)}</blockquote>;
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
          {item.tokens.filter(({ type }) => type !== 'checkbox').map(renderBlock)}
        </li>
      ))}
    </Tag>
  );
}

function Table({ table }: { table: Tokens.Table }) {
  const renderCell = (Tag: 'th' | 'td') => (content: Tokens.TableCell, index: number) => (
    <Tag key={index} style={{ textAlign: content.align ?? undefined }}>
      {renderInline(content.tokens)}
    </Tag>
  );
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full">
        <thead>
          <tr>{table.header.map(renderCell('th'))}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>{row.map(renderCell('td'))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const renderInline = (tokens: Token[] | undefined): ReactNode => tokens?.map(renderSpan);

function renderSpan(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong key={key}>{renderInline(token.tokens)}</strong>;
    case 'em':
      return <em key={key}>{renderInline(token.tokens)}</em>;
    case 'del':
      return <del key={key}>{renderInline(token.tokens)}</del>;
    case 'codespan':
      return <code key={key}>{token.text}</code>;
    case 'br':
      return <br key={key} />;
    case 'link':
      return (
        <Link key={key} href={token.href}>
          {renderInline(token.tokens)}
        </Link>
      );
    case 'image':
      return <ImageLink key={key} href={token.href} alt={token.text} />;
    case 'text':
    case 'escape':
      return (
        <Fragment key={key}>
          {'tokens' in token && token.tokens ? renderInline(token.tokens) : decodeEntities(token.text)}
        </Fragment>
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

/** Renders an image as a link. Loading it would reveal to its server that the text was read. */
function ImageLink({ href, alt }: { href: string; alt: string }) {
  const t = useTranslations('markdown');
  return <Link href={href}>{t('image', { alt: alt || href })}</Link>;
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const decodeEntities = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
