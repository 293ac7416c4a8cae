import type { ToolStep as Step } from '@it0/contracts/reply';
import { Check, ChevronRight, LoaderCircle, Unplug, X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { VisibleText } from '../../ui/visible-text.tsx';

/** So many lines of output are shown unasked. */
const shortOutput = 8;

const icons = {
  running: <LoaderCircle className="size-4 animate-spin text-accent" />,
  completed: <Check className="size-4 text-accent" />,
  failed: <X className="size-4 text-bad" />,
  ended: <Unplug className="size-4 text-faint" />,
};

/** One call of a tool: what was called, how it went, and what it put out. */
export function ToolStep({ step }: { step: Step }) {
  const t = useTranslations('tool');
  const id = useId();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const { status, title, name, output, exitCode } = step;
  const short = output !== '' && output.split('\n', shortOutput + 1).length <= shortOutput;
  const open = chosen ?? (status === 'running' || status === 'failed' || short);
  return (
    <div data-testid="tool-step" data-status={status} className="overflow-hidden rounded-lg border border-line">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setChosen(!open)}
        className="flex min-h-10 w-full items-center gap-2.5 px-3 py-1.5 text-left hover:bg-raised pointer-coarse:min-h-11 focus-visible:-outline-offset-2"
      >
        {icons[status]}
        <span className="sr-only">{t(status)}</span>
        <code
          className={`min-w-0 flex-1 font-mono text-sm ${open ? 'whitespace-break-spaces [overflow-wrap:anywhere]' : 'truncate'}`}
        >
          <VisibleText text={title || name} />
        </code>
        {exitCode !== undefined && exitCode !== 0 && (
          <span className="shrink-0 text-bad text-xs tabular-nums">{t('exit', { code: exitCode })}</span>
        )}
        {step.durationMs !== undefined && (
          <span className="shrink-0 text-faint text-xs tabular-nums">{duration(step.durationMs)}</span>
        )}
        <ChevronRight className={`size-4 shrink-0 text-faint transition-transform ${open ? 'rotate-90' : ''}`} />
      </button>
      {open && (
        <div id={id} className="divide-y divide-line bg-sunken text-[0.8rem] not-empty:border-t not-empty:border-line">
          {step.args && <Arguments json={step.args} title={title} />}
          {(output || status !== 'running') && <Output text={output} running={status === 'running'} />}
        </div>
      )}
    </div>
  );
}

/** While it runs, its last lines stay in view. */
function Output({ text, running }: { text: string; running: boolean }) {
  const t = useTranslations('tool');
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what has the focus
      tabIndex={0}
      className={`flex max-h-72 overflow-auto px-3 py-2.5 focus-visible:-outline-offset-2 ${running ? 'flex-col-reverse' : 'flex-col'}`}
    >
      <pre className="font-mono leading-relaxed">{text || <span className="text-faint">{t('noOutput')}</span>}</pre>
    </div>
  );
}

/** Only what the title does not say already. */
function Arguments({ json, title }: { json: string; title: string }) {
  const t = useTranslations('tool');
  const rest = argumentsBeside(json, title);
  if (rest.length === 0) return null;
  return (
    <dl aria-label={t('arguments')} className="grid grid-cols-[auto_1fr] gap-x-3 px-3 py-2">
      {rest.map(([key, value]) => (
        <div key={key} className="contents">
          <dt className="text-faint">{key}</dt>
          <dd className="whitespace-break-spaces font-mono [overflow-wrap:anywhere]">
            <VisibleText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function argumentsBeside(json: string, title: string): [string, string][] {
  let args: unknown;
  try {
    args = JSON.parse(json);
  } catch {
    return [['', json]];
  }
  if (typeof args !== 'object' || args === null) return [['', json]];
  return Object.entries(args)
    .map(([key, value]): [string, string] => [key, typeof value === 'string' ? value : JSON.stringify(value)])
    .filter(([, value]) => !title.includes(value));
}

const duration = (ms: number) => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
};
