import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';

/** How long it says that it has copied, in milliseconds. */
const thanks = 1_600;

export function CodeBlock({ code, language }: { code: string; language: string | undefined }) {
  const t = useTranslations('markdown');
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunken">
      <figcaption className="flex items-center justify-between border-line border-b pl-3.5 text-faint text-xs">
        <span className="font-mono">{language?.split(/\s/)[0] || t('code')}</span>
        <CopyButton text={code} />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what has the focus
        tabIndex={0}
        className="overflow-x-auto px-3.5 py-3 font-mono text-[0.85rem] leading-relaxed focus-visible:-outline-offset-2"
      >
        <code>{code}</code>
      </pre>
    </figure>
  );
}

function CopyButton({ text }: { text: string }) {
  const t = useTranslations('markdown');
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), thanks);
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
      className="flex min-h-8 items-center gap-1.5 px-3 hover:text-ink pointer-coarse:min-h-11 focus-visible:-outline-offset-2"
    >
      {copied ? <Check className="size-3.5" /> : <Copy className="size-3.5" />}
      <span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
    </button>
  );
}

/** A page that is not served from a secure address has no clipboard, only the old command. */
async function copyText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
