import { type Segment, splitVisible } from '@it0/client/visible-text';
import { type ClipboardEvent, Fragment, memo, useMemo } from 'react';
import { useTranslations } from 'use-intl';

const layoutStyle = 'text-faint opacity-70';
const concernStyle =
  'mx-px rounded-sm bg-bad-wash px-0.5 font-semibold text-bad outline outline-bad/40 -outline-offset-1';

/**
 * Shows a text exactly: hidden characters and lookalikes get labels, and its direction marks do not affect the text
 * around it. The parent element should handle `onCopy` with `copyExactly`.
 */
export const VisibleText = memo(function VisibleText({ text }: { text: string }) {
  const segments = useMemo(() => splitVisible(text), [text]);
  return (
    <bdi dir="ltr">
      {segments.map((segment, index) => (
        <Fragment key={index}>
          {segment.kind === 'marked' ? <Mark segment={segment} /> : <Plain {...segment} />}
        </Fragment>
      ))}
    </bdi>
  );
});

const Plain = ({ kind, raw }: Exclude<Segment, { kind: 'marked' }>) =>
  kind === 'rtl' ? <bdi dir="rtl">{raw}</bdi> : raw;

function Mark({ segment: { raw, concern, label } }: { segment: Extract<Segment, { kind: 'marked' }> }) {
  const t = useTranslations('visible');
  if (concern === 'layout')
    return (
      <span data-raw={raw} className={layoutStyle}>
        {label}
        {raw.startsWith('\n') && '\n'}
        {/* A line may break here. */}
        {raw.startsWith(' ') && <wbr />}
      </span>
    );
  return (
    <span data-raw={raw} data-concern={concern} title={t(concern)} className={concernStyle}>
      {concern === 'lookalike' && raw}
      {label}
    </span>
  );
}

/** Copies the selected text without the labels of its characters. */
export function copyExactly(event: ClipboardEvent<HTMLElement>) {
  const selection = getSelection();
  const range = selection?.rangeCount ? selection.getRangeAt(0) : null;
  if (!range || range.collapsed || !event.currentTarget.contains(range.commonAncestorContainer)) return;
  const inside = range.commonAncestorContainer.parentElement?.closest<HTMLElement>('[data-raw]');
  const selected = range.cloneContents();
  for (const mark of selected.querySelectorAll<HTMLElement>('[data-raw]')) mark.replaceWith(mark.dataset.raw ?? '');
  event.clipboardData.setData('text/plain', inside?.dataset.raw ?? selected.textContent ?? '');
  event.preventDefault();
}
