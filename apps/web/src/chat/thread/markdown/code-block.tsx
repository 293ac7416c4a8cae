import { useTranslations } from 'use-intl';
import { CopyButton } from '../../../ui/copy-button.tsx';

type Props = { code: string; language: string | undefined; wraps?: boolean };

/** Code with a copy button. Long lines scroll, or wrap with `wraps`. */
export function CodeBlock({ code, language, wraps = false }: Props) {
  const t = useTranslations('markdown');
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunken">
      <figcaption className="flex items-center justify-between border-line border-b pl-3.5 text-faint text-xs">
        <span className="font-mono">{language?.split(/\s/)[0] || t('code')}</span>
        <CopyButton text={code} />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
        tabIndex={0}
        className={`scroll-edges overflow-x-auto px-3.5 py-3 font-mono text-[0.85rem] leading-relaxed focus-visible:-outline-offset-2 ${wraps ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : ''}`}
      >
        <code>{code}</code>
      </pre>
    </figure>
  );
}
