import { renderTerminal, type Style, type TerminalLine, toOutputText } from '@it0/client/tool/terminal';
import { WrapText } from 'lucide-react';
import { memo, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { CopyButton } from '../../../ui/copy/copy-button.tsx';

/** Lines that the browser lays out together, once they are near the visible part of the box. */
const CHUNK_LINES = 100;
const LINE_HEIGHT_EM = 1.6;

/** Output of a tool as a terminal shows it. While the tool runs, the box stays scrolled to the end. */
export function Output({ text, isRunning }: { text: string; isRunning: boolean }) {
  const t = useTranslations('tool');
  const [wraps, setWraps] = useState(() => matchMedia('(max-width: 40rem)').matches);
  const lines = useMemo(() => renderTerminal(text), [text]);
  if (!text) return <p className="px-3 py-2.5 text-faint">{t('noOutput')}</p>;
  return (
    <figure>
      <figcaption className="flex items-center justify-end text-faint text-xs">
        <span className="flex-1 pl-3">{t('lines', { count: lines.length })}</span>
        <button
          type="button"
          aria-pressed={wraps}
          onClick={() => setWraps(!wraps)}
          className={`flex min-h-8 items-center gap-1.5 px-3 hover:text-ink pointer-coarse:min-h-11 focus-visible:-outline-offset-2 ${wraps ? 'text-ink' : ''}`}
        >
          <WrapText className="size-3.5" />
          {t('wrap')}
        </button>
        <CopyButton text={toOutputText(lines)} />
      </figcaption>
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
        tabIndex={0}
        data-testid="tool-output"
        className={`scroll-edges flex max-h-72 overflow-auto px-3 pb-2.5 focus-visible:-outline-offset-2 ${isRunning ? 'flex-col-reverse' : 'flex-col'}`}
      >
        <pre
          dir="ltr"
          className={`font-mono ${wraps ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : 'w-max min-w-full'}`}
          style={{ lineHeight: LINE_HEIGHT_EM }}
        >
          {toChunks(lines).map((chunk, index) => (
            <Chunk key={index} {...chunk} />
          ))}
        </pre>
      </div>
    </figure>
  );
}

type ChunkProps = { lines: TerminalLine[]; text: string };

const toChunks = (lines: TerminalLine[]): ChunkProps[] =>
  Array.from({ length: Math.ceil(lines.length / CHUNK_LINES) }, (_, index) => {
    const chunk = lines.slice(index * CHUNK_LINES, (index + 1) * CHUNK_LINES);
    return { lines: chunk, text: JSON.stringify(chunk) };
  });

/** Some lines, which are laid out only while they are near the visible part of the box. */
const Chunk = memo(
  ({ lines }: ChunkProps) => (
    <div
      className="[content-visibility:auto]"
      style={{ containIntrinsicBlockSize: `auto ${lines.length * LINE_HEIGHT_EM}em` }}
    >
      {lines.map((line, index) => (
        <div key={index} className="min-h-[1.6em]">
          {line.map(({ text, style }, at) =>
            isPlain(style) ? (
              text
            ) : (
              <span key={at} className={toClass(style)}>
                {text}
              </span>
            ),
          )}
        </div>
      ))}
    </div>
  ),
  (before, after) => before.text === after.text,
);

const isPlain = (style: Style) => Object.keys(style).length === 0;
const toClass = ({ color, bold, dim, underline, inverse }: Style) =>
  [
    color && `ansi-${color}`,
    bold && 'font-semibold',
    dim && 'text-faint',
    underline && 'underline',
    inverse && 'ansi-inverse',
  ]
    .filter(Boolean)
    .join(' ');
