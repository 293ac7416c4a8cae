import { listConcerns, splitVisible } from '@it0/client/visible-text';
import { Eye } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { CopyButton } from '../ui/copy/copy-button.tsx';
import { copyExactly, VisibleText } from '../ui/visible-text.tsx';
import type { End } from './use-end.ts';

type Props = {
  text: string;
  /** The name of the text: command, path or content. */
  label: string;
  end: End;
};

/** Shows the full text of an approval in a scrolling box, and lists its characters that are hard to see. */
export function ExactText({ text, label, end }: Props) {
  return (
    <>
      <figure className="mt-2.5 overflow-hidden rounded-lg border border-line bg-sunken">
        <figcaption className="flex items-center justify-between border-line border-b pl-3 text-faint text-xs">
          {label}
          <CopyButton text={text} />
        </figcaption>
        <pre
          ref={end.box}
          dir="ltr"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
          tabIndex={0}
          data-testid="exact-text"
          onCopy={copyExactly}
          className="max-h-56 overflow-y-auto overscroll-contain whitespace-break-spaces px-3 py-2 font-mono text-sm [overflow-wrap:anywhere] focus-visible:-outline-offset-2"
        >
          <code>
            <VisibleText text={text} />
          </code>
          <span ref={end.mark} className="inline-block h-[1em] w-px align-text-bottom" />
        </pre>
      </figure>
      <Concerns text={text} />
    </>
  );
}

/** Labels in the summary. The text itself marks every character in place. */
const MAX_LABELS = 12;
const shorten = (labels: string[]) =>
  labels.slice(0, MAX_LABELS).join(' ') + (labels.length > MAX_LABELS ? ` +${labels.length - MAX_LABELS}` : '');

function Concerns({ text }: { text: string }) {
  const t = useTranslations('visible');
  const concerns = useMemo(() => listConcerns(splitVisible(text)), [text]);
  return concerns.map(([concern, labels]) => (
    <p key={concern} className="mt-1.5 flex gap-1.5 text-bad text-sm">
      <Eye className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        {t('has', { what: t(concern) })} <code dir="ltr">{shorten(labels)}</code>
      </span>
    </p>
  ));
}
