import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';

/** Time for which the button shows its success. */
const COPIED_MS = 1_600;

type Props = { text: string; label?: string; className?: string };

/** Copies a text. `label` names it for screen readers, where the button alone does not identify it. */
export function CopyButton({ text, label, className = '' }: Props) {
  const t = useTranslations('app');
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
  };
  return (
    <button
      type="button"
      onClick={() => void copy()}
      className={`flex min-h-8 shrink-0 items-center gap-1.5 px-3 text-xs hover:text-ink pointer-coarse:min-h-11 focus-visible:-outline-offset-2 ${className}`}
    >
      {copied ? <Check className="size-3.5" /> : <Copy className="size-3.5" />}
      <span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
      {label && <span className="sr-only">{label}</span>}
    </button>
  );
}

/** Copies a text. Without HTTPS there is no clipboard API, so the deprecated command is used. */
export async function copyText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  // Inside an open dialog, since elements outside of it cannot get the focus.
  (document.querySelector('[role$=dialog]') ?? document.body).append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
