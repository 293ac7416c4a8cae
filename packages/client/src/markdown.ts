import { Lexer, type Token, type Tokens } from 'marked';
import { CjkTokenizer } from './cjk-tokenizer.ts';

export type { Token, Tokens };

const tokenizer = new CjkTokenizer();

/** Blocks at the end that can still change when text is appended. */
const OPEN_BLOCKS = 2;

/**
 * Parser for Markdown that grows. Closed blocks are not parsed again and keep their identity, so that a view can
 * memoize them. HTML is left as text.
 */
export class IncrementalMarkdown {
  #text = '';
  #closed: Token[] = [];

  /** Returns the blocks of `text`. Parses all of it if it does not start with the previous text. */
  read(text: string): Token[] {
    if (!text.startsWith(this.#text)) {
      this.#text = '';
      this.#closed = [];
    }
    const rest: Token[] = Lexer.lex(text.slice(this.#text.length), { gfm: true, tokenizer });
    const all = [...this.#closed, ...rest];
    const closing = rest.slice(0, findLastBlocks(rest, OPEN_BLOCKS));
    this.#text += closing.map(({ raw }) => raw).join('');
    this.#closed = [...this.#closed, ...closing];
    return all;
  }
}

/** Returns the index where the last `count` blocks begin, not counting spaces. */
function findLastBlocks(tokens: Token[], count: number) {
  let index = tokens.length;
  for (let blocks = 0; index > 0 && blocks < count; ) {
    index--;
    if (tokens[index]?.type !== 'space') blocks++;
  }
  return index;
}
