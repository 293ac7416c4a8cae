import { Tokenizer, type Tokens } from 'marked';
import { isDefinition, type Links, readLabel } from './definitions.ts';
import { decodeEntities } from './entities.ts';

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef‘-”…—]/u;
/** `**strong**` or `*emphasis*` without asterisks inside. */
const emphasis = /^(\*\*?)(?![\s*])([^*\n]*[^\s*])\1(?!\*)/;
/** CJK punctuation, which ends a link. */
const linkEnd = /[\u3000-\u303f\uff00-\uffef‘-”…—]/;

/** HTML block. `tokens` is its content, parsed like a paragraph; undefined for a script, a style or preformatted text. */
export type HtmlBlock = Tokens.HTML & { tokens?: Tokens.Generic[] };

/**
 * Tokenizer for the Markdown of models.
 *
 * Chinese, Japanese and Korean text has no spaces around emphasis and links. CommonMark requires them next to
 * punctuation: `**“重点”**后文` would keep its asterisks, and a link would include the text after it.
 *
 * Character references are decoded in texts and addresses, only `~~` strikes through, since `~` stands in ranges and
 * paths, and only addresses can be defined.
 */
export class MarkdownTokenizer extends Tokenizer {
  /** Labels of the definitions that were used. */
  readonly labels = new Set<string>();

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

  override del(src: string, masked: string, before = ''): Tokens.Del | undefined {
    return src.startsWith('~~') ? super.del(src, masked, before) : undefined;
  }

  override url(src: string): Tokens.Link | undefined {
    const end = src.search(linkEnd);
    const token = super.url(end < 0 ? src : src.slice(0, end));
    if (!token) return;
    const text = decodeEntities(token.text);
    return { ...decodeAddress(token), text, tokens: [{ type: 'text', raw: token.raw, text }] };
  }

  override link(src: string) {
    return decodeAddress(super.link(src));
  }

  override reflink(src: string, links: Links) {
    const token = super.reflink(src, links);
    if (token?.type === 'link' || token?.type === 'image') this.labels.add(readLabel(token.raw));
    return token;
  }

  override def(src: string): Tokens.Def | undefined {
    // A title could continue after a blank line, where other blocks have been parsed already.
    const end = src.search(/\n[ \t]*\n/);
    const token = decodeAddress(super.def(end < 0 ? src : src.slice(0, end + 1)));
    return token && isDefinition(token) ? token : undefined;
  }

  override html(src: string): HtmlBlock | undefined {
    const token = super.html(src);
    return token && !token.pre ? { ...token, tokens: this.lexer.inline(token.text) } : token;
  }

  override inlineText(src: string): Tokens.Text | undefined {
    const token = super.inlineText(src);
    return token && { ...token, text: decodeEntities(token.raw) };
  }
}

const decodeAddress = <T extends { href: string } | undefined>(token: T): T =>
  token && { ...token, href: decodeEntities(token.href) };
