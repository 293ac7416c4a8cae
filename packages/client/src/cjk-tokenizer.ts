import { Tokenizer, type Tokens } from 'marked';

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef‘-”…—]/u;
/** `**strong**` or `*emphasis*` without anything starred inside. */
const starred = /^(\*\*?)(?![\s*])([^*\n]*[^\s*])\1(?!\*)/;
/** What ends a sentence around a link and is no part of it. */
const sentence = /[\u3000-\u303f\uff00-\uffef‘-”…—]/;

/**
 * Chinese, Japanese and Korean write no space around emphasis and links, which CommonMark asks for where punctuation
 * stands at the edge: `**“重点”**后文` would keep its stars, and a link would swallow the sentence after it.
 */
export class CjkTokenizer extends Tokenizer {
  override emStrong(src: string, masked: string, before = ''): Tokens.Em | Tokens.Strong | undefined {
    // In the mask the insides of code and links hold no stars.
    const match = starred.exec(masked.slice(-src.length));
    if (!match) return super.emStrong(src, masked, before);
    const [{ length }, stars = ''] = match;
    const text = src.slice(stars.length, length - stars.length);
    const edges = [before.at(-1), text[0], text.at(-1), src[length]];
    if (!edges.some((edge) => edge && cjk.test(edge))) return super.emStrong(src, masked, before);
    const token = { raw: src.slice(0, length), text, tokens: this.lexer.inlineTokens(text) };
    return stars === '**' ? { type: 'strong', ...token } : { type: 'em', ...token };
  }

  override url(src: string): Tokens.Link | undefined {
    const end = src.search(sentence);
    return super.url(end < 0 ? src : src.slice(0, end));
  }
}
