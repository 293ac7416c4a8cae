import { Lexer, type Token, type Tokens } from 'marked';
import { CjkTokenizer } from './cjk-tokenizer.ts';

export type { Token, Tokens };

const tokenizer = new CjkTokenizer();

/** So many blocks at the end may still change with the text that follows. */
const open = 2;

/**
 * Markdown as blocks, for a text that grows: blocks that are closed are never read again, and keep their identity.
 * Web and mobile make their own elements of them; HTML stays text.
 */
export class IncrementalMarkdown {
  #text = '';
  #closed: Token[] = [];

  read(text: string): Token[] {
    if (!text.startsWith(this.#text)) {
      this.#text = '';
      this.#closed = [];
    }
    const rest: Token[] = Lexer.lex(text.slice(this.#text.length), { gfm: true, tokenizer });
    const all = [...this.#closed, ...rest];
    const closing = rest.slice(0, lastBlocks(rest, open));
    this.#text += closing.map(({ raw }) => raw).join('');
    this.#closed = [...this.#closed, ...closing];
    return all;
  }
}

/** Where the last `count` blocks begin that are not space. */
function lastBlocks(tokens: Token[], count: number) {
  let index = tokens.length;
  for (let kept = 0; index > 0 && kept < count; ) {
    index--;
    if (tokens[index]?.type !== 'space') kept++;
  }
  return index;
}
