import { renderMermaidSVG } from 'beautiful-mermaid';
import { type ReactNode, useMemo, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useSettled } from './use-settled.ts';

/**
 * Diagram in the language of Mermaid. It is shown as an image, in which nothing is executed and nothing is loaded. Shows
 * `fallback` until its code is complete, and for code that is no diagram.
 */
export default function Diagram({ code, fallback }: { code: string; fallback: ReactNode }) {
  const t = useTranslations('markdown');
  const settled = useSettled(code);
  const shown = useRef<string | null>(null);
  const image = useMemo(() => settled && toImage(settled), [settled]);
  shown.current = image || (settled === null ? shown.current : null);
  if (!shown.current) return fallback;
  return (
    <div className="overflow-x-auto p-3">
      <img src={shown.current} alt={t('diagram')} className="mx-auto max-w-none rounded-md" />
    </div>
  );
}

function toImage(code: string) {
  try {
    const { color, backgroundColor } = getComputedStyle(document.documentElement);
    const svg = renderMermaidSVG(code, { bg: backgroundColor, fg: color, font: 'system-ui' });
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  } catch {
    return null;
  }
}
