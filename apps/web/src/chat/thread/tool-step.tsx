import type { ToolStep as Step } from '@it0/contracts/reply';
import { Check, ChevronRight, LoaderCircle, Unplug, X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { VisibleText } from '../../ui/visible-text.tsx';

/** Output up to this length is expanded by default. */
const MAX_OPEN_LINES = 8;

const icons = {
  running: <LoaderCircle className="size-4 animate-spin text-accent" />,
  completed: <Check className="size-4 text-accent" />,
  failed: <X className="size-4 text-bad" />,
  ended: <Unplug className="size-4 text-faint" />,
};

/** Tool call with its status, arguments and output. */
export function ToolStep({ step }: { step: Step }) {
  const t = useTranslations('tool');
  const id = useId();
  const [userChoice, setUserChoice] = useState<boolean | null>(null);
  const { status, title, name, output, exitCode } = step;
  const isShort = output !== '' && output.split('\n', MAX_OPEN_LINES + 1).length <= MAX_OPEN_LINES;
  const open = userChoice ?? (status === 'running' || status === 'failed' || isShort);
  return (
    <div data-testid="tool-step" data-status={status} className="overflow-hidden rounded-lg border border-line">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setUserChoice(!open)}
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
          <span className="shrink-0 text-faint text-xs tabular-nums">{formatDuration(step.durationMs)}</span>
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

/** Output of a tool. While it runs, the box stays scrolled to the end. */
function Output({ text, running }: { text: string; running: boolean }) {
  const t = useTranslations('tool');
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the box has to be focusable to scroll it by keyboard
      tabIndex={0}
      className={`flex max-h-72 overflow-auto px-3 py-2.5 focus-visible:-outline-offset-2 ${running ? 'flex-col-reverse' : 'flex-col'}`}
    >
      <pre className="font-mono leading-relaxed">{text || <span className="text-faint">{t('noOutput')}</span>}</pre>
    </div>
  );
}

/** Arguments that are not part of the title. */
function Arguments({ json, title }: { json: string; title: string }) {
  const t = useTranslations('tool');
  const rest = listOtherArguments(json, title);
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

function listOtherArguments(json: string, title: string): [string, string][] {
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

const formatDuration = (ms: number) => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
};
