import { Check, Copy } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useCopied } from './use-copied.ts';

type Props = { text: string; label?: string; className?: string };

/** Copies a text. `label` names it for screen readers, where the button alone does not identify it. */
export function CopyButton({ text, label, className = '' }: Props) {
  const t = useTranslations('app');
  const { copied, copy } = useCopied();
  return (
    <button
      type="button"
      onClick={() => void copy(text)}
      className={`flex min-h-8 shrink-0 items-center gap-1.5 px-3 text-xs hover:text-ink pointer-coarse:min-h-11 focus-visible:-outline-offset-2 ${className}`}
    >
      {copied ? <Check className="size-3.5" /> : <Copy className="size-3.5" />}
      <span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
      {label && <span className="sr-only">{label}</span>}
    </button>
  );
}
