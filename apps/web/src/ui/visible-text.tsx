import { type Segment, splitVisible } from '@it0/client/visible-text';
import { type ClipboardEvent, Fragment, useMemo } from 'react';
import { useTranslations } from 'use-intl';

const layoutLook = 'text-faint opacity-70';
const concernLook =
  'mx-px rounded-sm bg-bad-wash px-0.5 font-semibold text-bad outline outline-bad/40 -outline-offset-1';

/**
 * A text as it is, byte for byte: nothing in it turns, hides or stretches what stands around it, and what is hard to see
 * has a label. `copyExactly` belongs to what holds it.
 */
export function VisibleText({ text }: { text: string }) {
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
}

const Plain = ({ kind, raw }: Exclude<Segment, { kind: 'marked' }>) =>
  kind === 'rtl' ? <bdi dir="rtl">{raw}</bdi> : raw;

function Mark({ segment: { raw, concern, label } }: { segment: Extract<Segment, { kind: 'marked' }> }) {
  const t = useTranslations('visible');
  if (concern === 'layout')
    return (
      <span data-raw={raw} className={layoutLook}>
        {label}
        {raw.startsWith('\n') && '\n'}
        {/* Where a line may break. */}
        {raw.startsWith(' ') && <wbr />}
      </span>
    );
  return (
    <span data-raw={raw} data-concern={concern} title={t(concern)} className={concernLook}>
      {concern === 'lookalike' && raw}
      {label}
    </span>
  );
}

/** Puts the text itself on the clipboard: of a mark what it stands for. */
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
