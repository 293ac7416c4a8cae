import { Tokenizer, type Tokens } from 'marked';

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef‘-”…—]/u;
/** `**strong**` or `*emphasis*` without asterisks inside. */
const emphasis = /^(\*\*?)(?![\s*])([^*\n]*[^\s*])\1(?!\*)/;
/** CJK punctuation, which ends a link. */
const linkEnd = /[\u3000-\u303f\uff00-\uffef‘-”…—]/;

/**
 * Tokenizer for Chinese, Japanese and Korean text, which has no spaces around emphasis and links. CommonMark requires
 * them next to punctuation: `**“重点”**后文` would keep its asterisks, and a link would include the text after it.
 */
export class CjkTokenizer extends Tokenizer {
  override emStrong(src: string, masked: string, before = ''): Tokens.Em | Tokens.Strong | undefined {
    // The mask replaces asterisks inside code and links.
    const match = emphasis.exec(masked.slice(-src.length));
    if (!match) return super.emStrong(src, masked, before);
    const [{ length }, marker = ''] = match;
    const text = src.slice(marker.length, length - marker.length);
    const edges = [before.at(-1), text[0], text.at(-1), src[length]];
    if (!edges.some((edge) => edge && cjk.test(edge))) return super.emStrong(src, masked, before);
    const token = { raw: src.slice(0, length), text, tokens: this.lexer.inlineTokens(text) };
    return marker === '**' ? { type: 'strong', ...token } : { type: 'em', ...token };
  }

  override url(src: string): Tokens.Link | undefined {
    const end = src.search(linkEnd);
    return super.url(end < 0 ? src : src.slice(0, end));
  }
}
