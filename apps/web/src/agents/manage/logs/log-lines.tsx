import { useEffect, useRef } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { Level, LogLine } from './parse-logs.ts';

/** The distance from the end, in pixels, within which new lines are followed. */
const END_PX = 40;

const colors: Record<Level, string> = { debug: 'text-faint', info: '', warn: 'text-warn', error: 'text-bad' };

/** Log lines with their time, source and level. The list follows new lines while its end is in view. */
export function LogLines({ lines, empty }: { lines: LogLine[]; empty: string }) {
  const t = useTranslations('manage');
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const last = lines.at(-1)?.raw;
  useEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, last]);
  return (
    <div
      ref={box}
      role="log"
      aria-live="off"
      aria-label={t('logs')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < END_PX;
      }}
      className="max-h-[60dvh] min-h-12 overflow-auto rounded-lg bg-sunken px-3 py-2 font-mono text-xs"
    >
      {lines.length === 0 && <p className="text-faint">{empty}</p>}
      <ol>
        {lines.map((line, index) => (
          <li key={index} className="sm:flex sm:gap-3">
            <Line {...line} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Line({ at, source, level, message, details }: LogLine) {
  const t = useTranslations('manage');
  const format = useFormatter();
  const time = at !== null && format.dateTime(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return (
    <>
      <span className="shrink-0 whitespace-nowrap text-faint sm:w-40">
        {at !== null && <time dateTime={new Date(at).toISOString()}>{time}</time>} {t(`logSources.${source}`)}
      </span>{' '}
      <span className={`min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere] ${colors[level]}`}>
        {(level === 'warn' || level === 'error') && <strong>{t(`logLevelOf.${level}`)} </strong>}
        {message} <span className="text-faint">{details}</span>
      </span>
    </>
  );
}
