import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { CopyButton } from '../../../ui/copy/copy-button.tsx';
import { Highlighted } from './highlighted.tsx';

const Diagram = lazy(() => import('./diagram.tsx'));

type Props = { code: string; language: string | undefined; wraps?: boolean };

/** Code with a copy button, or the diagram that it describes. Long lines scroll, or wrap with `wraps`. */
export function CodeBlock({ code, language, wraps = false }: Props) {
  const t = useTranslations('markdown');
  const name = language?.split(/\s/)[0] ?? '';
  const isDiagram = name.toLowerCase() === 'mermaid';
  const [showsCode, setShowsCode] = useState(false);
  const source = (
    <pre
      dir="ltr"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
      tabIndex={0}
      className={`scroll-edges overflow-x-auto px-3.5 py-3 font-mono text-[0.85rem] leading-relaxed focus-visible:-outline-offset-2 ${wraps ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : ''}`}
    >
      <code>
        <Highlighted code={code} name={name} />
      </code>
    </pre>
  );
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunken">
      <figcaption className="flex items-center justify-between border-line border-b pl-3.5 text-faint text-xs">
        <span className="flex-1 font-mono">{name || t('code')}</span>
        {isDiagram && (
          <button
            type="button"
            aria-pressed={showsCode}
            onClick={() => setShowsCode(!showsCode)}
            className="min-h-8 px-3 hover:text-ink pointer-coarse:min-h-11 focus-visible:-outline-offset-2"
          >
            {t('source')}
          </button>
        )}
        <CopyButton text={code} />
      </figcaption>
      {isDiagram && !showsCode ? (
        <Suspense fallback={source}>
          <Diagram code={code} fallback={source} />
        </Suspense>
      ) : (
        source
      )}
    </figure>
  );
}
