import type { Token, Tokens } from 'marked';
import { findChangedLabels, type Links, refersTo } from './definitions.ts';
import { lexMarkdown, lexSpans } from './lex.ts';

export type { Token, Tokens };

/** Blocks at the end that can still change when text is appended. */
const OPEN_BLOCKS = 2;

/**
 * Parser for Markdown that grows. Returns the same tokens for a text in pieces as for the text at once. Closed blocks are
 * parsed again only when a definition that they refer to changes, and a token keeps its identity until it changes, so
 * that a view can memoize it.
 */
export class IncrementalMarkdown {
  /** Text of the closed blocks, with their tokens, definitions and used labels. */
  #text = '';
  #closed: Token[] = [];
  #closedLinks: Links = {};
  #labels = new Set<string>();
  /** All definitions and tokens of the last call. */
  #links: Links = {};
  #shown: Token[] = [];

  /** Returns the blocks of `text`. Parses all of it if it does not start with the previous text. */
  read(text: string): Token[] {
    const source = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
    if (!source.startsWith(this.#text)) this.#reset();
    const open = lexMarkdown(source.slice(this.#text.length), this.#closedLinks);
    const changed = findChangedLabels(this.#links, open.links);
    if (!this.#resolveReferences(changed, open.links)) {
      this.#reset();
      return this.read(source);
    }
    this.#links = open.links;
    const labels = new Set([...this.#labels, ...open.labels]);
    const blocks = [...this.#closed, ...open.tokens].map((token) => showUnused(token, labels));
    this.#shown = changed.length > 0 ? blocks : blocks.map((token, index) => reuse(this.#shown[index], token));
    this.#close(open.tokens);
    return this.#shown;
  }

  #reset() {
    this.#text = '';
    this.#closed = [];
    this.#closedLinks = {};
    this.#labels = new Set();
    this.#links = {};
    this.#shown = [];
  }

  /** Parses the closed blocks again that refer to changed definitions. Returns false if one becomes another block. */
  #resolveReferences(changed: string[], links: Links): boolean {
    let isSame = true;
    this.#closed = this.#closed.map((token) => {
      if (!refersTo(token.raw, changed)) return token;
      const { tokens, labels } = lexMarkdown(token.raw, links);
      for (const label of labels) this.#labels.add(label);
      isSame &&= tokens.length === 1 && tokens[0]!.type === token.type;
      return tokens[0] ?? token;
    });
    return isSame;
  }

  /** Closes the blocks that text after the end cannot change: all but the last ones, up to a blank line. */
  #close(open: Token[]) {
    let count = findLastBlocks(open, OPEN_BLOCKS);
    while (count > 0 && !endsInBlankLine(open.slice(0, count))) count--;
    if (count === 0) return;
    const closing = open.slice(0, count);
    const text = closing.map(({ raw }) => raw).join('');
    this.#text += text;
    this.#closed.push(...closing);
    if (Object.keys(this.#links).length === 0) return;
    for (const label of lexMarkdown(text, this.#links).labels) this.#labels.add(label);
    this.#closedLinks = lexMarkdown(text, this.#closedLinks).links;
  }
}

/** Returns the token that was returned before, if it is the same block. */
const reuse = (before: Token | undefined, token: Token) => (before && isSameBlock(before, token) ? before : token);
const isSameBlock = (a: Tokens.Generic, b: Tokens.Generic) => a.raw === b.raw && a.type === b.type && a.text === b.text;

/** Returns a definition that no link uses as a paragraph, so that no part of a text is lost. */
function showUnused(token: Token, labels: Set<string>): Token {
  if (token.type !== 'def' || labels.has(token.tag)) return token;
  const { raw } = token;
  return { type: 'paragraph', raw, text: raw, tokens: lexSpans(raw) };
}

const endsInBlankLine = (tokens: Token[]) =>
  /\n[ \t]*\n[ \t]*$/.test(
    tokens
      .slice(-2)
      .map(({ raw }) => raw)
      .join(''),
  );

/** Returns the index where the last `count` blocks begin, not counting spaces. */
function findLastBlocks(tokens: Token[], count: number) {
  let index = tokens.length;
  for (let blocks = 0; index > 0 && blocks < count; ) {
    index--;
    if (tokens[index]?.type !== 'space') blocks++;
  }
  return index;
}
