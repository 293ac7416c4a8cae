import type { Token } from 'marked';
import { linkedAddress } from './definitions.ts';
import { decodeEntities } from './entities.ts';

/** HTML elements that replies may use, with the element or role that they are shown as. Their attributes are dropped. */
const ELEMENTS = {
  ...{ kbd: 'kbd', sub: 'sub', sup: 'sup', mark: 'mark', small: 'small', code: 'code', samp: 'code', tt: 'code' },
  ...{ b: 'strong', strong: 'strong', i: 'em', em: 'em', var: 'em', cite: 'em', u: 'u', ins: 'u' },
  ...{ s: 'del', del: 'del', strike: 'del', q: 'text', span: 'text', font: 'text', abbr: 'text', big: 'text' },
  ...{ p: 'line', div: 'line', center: 'line', h1: 'title', h2: 'title', h3: 'title', h4: 'title', h5: 'title' },
  ...{ h6: 'title', ul: 'ul', ol: 'ol', li: 'li', blockquote: 'blockquote' },
  ...{ details: 'details', summary: 'summary', a: 'link' },
} as const;
const VOID_ELEMENTS = { br: 'br', hr: 'hr', wbr: 'wbr', img: 'image' } as const;

/** Element of a reply's HTML. `href` is the address of a link or an image; `text` an image's description. */
export type HtmlElement = {
  type: 'element';
  tag: (typeof ELEMENTS)[keyof typeof ELEMENTS] | (typeof VOID_ELEMENTS)[keyof typeof VOID_ELEMENTS];
  raw: string;
  href: string;
  text: string;
  nodes: MarkdownNode[];
};
/** Token of Markdown, or an element of HTML with the tokens in it. */
export type MarkdownNode = Token | HtmlElement;

/** Returns whether a node is an element of HTML. */
export const isElement = (node: MarkdownNode): node is HtmlElement => node.type === 'element';

/**
 * Joins the tags of a list of tokens to elements. Tags that are not allowed or have no counterpart become text, so that
 * `<your-token>` stays; comments are dropped. An unfinished `<details>` contains what follows, until its end arrives.
 */
export function nestHtml(tokens: readonly Token[]): MarkdownNode[] {
  const root: MarkdownNode[] = [];
  const open: HtmlElement[] = [];
  const append = (...nodes: MarkdownNode[]) => (open.at(-1)?.nodes ?? root).push(...nodes);
  /** Ends the innermost element, or turns its tag into text. */
  const close = (asElement: boolean) => {
    const element = open.pop()!;
    if (asElement) append(element);
    else append(toText(element.raw), ...element.nodes);
  };
  for (const token of tokens.flatMap(unwrapBlock)) {
    const tag = token.type === 'html' ? parseTag(token.raw) : null;
    if (tag === 'comment') continue;
    if (!tag) append(token.type === 'html' ? toText(token.raw) : token);
    else if (tag.kind === 'void') append(tag.element);
    else if (tag.kind === 'start') open.push(tag.element);
    else {
      const index = open.findLastIndex((element) => element.tag === tag.element.tag);
      if (index < 0) append(toText(token.raw));
      else while (open.length > index) close(open.length === index + 1 || open.at(-1)!.tag === 'li');
    }
  }
  while (open.length > 0) close(open.at(-1)!.tag === 'details');
  return root;
}

/** Replaces an HTML block by its content. */
const unwrapBlock = (token: Token): Token[] =>
  token.type === 'html' && 'tokens' in token && token.tokens ? token.tokens : [token];

const toText = (raw: string): Token => ({ type: 'text', raw, text: raw });

type Tag = { kind: 'start' | 'end' | 'void'; element: HtmlElement };

function parseTag(raw: string): Tag | 'comment' | null {
  if (/^<!--/.test(raw)) return 'comment';
  const [, slash, name = ''] = /^<(\/?)([a-z][a-z\d]*)(?=[\s/>])[^<]*>$/i.exec(raw.trim()) ?? [];
  const key = name.toLowerCase();
  const attribute = (attributeName: string) => {
    const value = new RegExp(`\\s${attributeName}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(raw);
    return decodeEntities(value?.[1] ?? value?.[2] ?? value?.[3] ?? '');
  };
  const create = (tag: HtmlElement['tag']): HtmlElement => {
    const href = tag === 'link' ? attribute('href') : tag === 'image' ? attribute('src') : '';
    return { type: 'element', tag, raw, href, text: tag === 'image' ? attribute('alt') : '', nodes: [] };
  };
  if (Object.hasOwn(VOID_ELEMENTS, key)) {
    return { kind: 'void', element: create(VOID_ELEMENTS[key as keyof typeof VOID_ELEMENTS]) };
  }
  if (!Object.hasOwn(ELEMENTS, key)) return null;
  return { kind: slash ? 'end' : 'start', element: create(ELEMENTS[key as keyof typeof ELEMENTS]) };
}

/** Returns an address that may be linked, or null. */
export const toSafeAddress = (href: string) => (linkedAddress.test(href) ? href : null);

const BLOCKS = new Set(['details', 'hr', 'ul', 'ol', 'li', 'blockquote', 'summary']);
const SPANS = new Set(['text', 'escape', 'strong', 'em', 'del', 'codespan', 'br', 'link', 'image', 'html']);

/** Returns whether a node is part of a line of text. */
export const isSpan = (node: MarkdownNode) =>
  isElement(node) ? !BLOCKS.has(node.tag) : SPANS.has(node.type) || (node.type === 'math' && !node.display);
