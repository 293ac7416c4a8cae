import { Lexer, type MarkedOptions, type Token } from 'marked';
import type { Links } from './definitions.ts';
import { mathBlock, mathSpan } from './math.ts';
import { MarkdownTokenizer } from './tokenizer.ts';

/** Blocks of a text, all definitions, and the labels of those that were used. */
export type Lexed = { tokens: Token[]; links: Links; labels: Set<string> };

const extensions = {
  renderers: {},
  childTokens: {},
  block: [mathBlock.tokenizer],
  inline: [mathSpan.tokenizer],
  startBlock: [mathBlock.start!],
  startInline: [mathSpan.start!],
} satisfies MarkedOptions['extensions'];

/** Parses Markdown. `links` are the definitions of the text before. */
export function lexMarkdown(source: string, links: Links): Lexed {
  const tokenizer = new MarkdownTokenizer();
  const lexer = createLexer(tokenizer);
  Object.assign(lexer.tokens.links, links);
  const tokens = [...lexer.lex(source)];
  return { tokens, links: { ...lexer.tokens.links }, labels: tokenizer.labels };
}

/** Parses a text without blocks and definitions. */
export const lexSpans = (source: string): Token[] =>
  createLexer(new MarkdownTokenizer()).inlineTokens(source.trimEnd());

const createLexer = (tokenizer: MarkdownTokenizer) => new Lexer({ gfm: true, tokenizer, extensions });
