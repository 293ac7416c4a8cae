import { listOtherArguments } from '@it0/client/tool/arguments';
import type { ToolItem } from '@it0/client/tool/arrange-parts';
import type { ToolStep as Step } from '@it0/contracts/reply';
import { Check, ChevronRight, LoaderCircle, Unplug, X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { VisibleText } from '../../../ui/visible-text.tsx';
import { DecisionLine } from './decision-line.tsx';
import { Output } from './output.tsx';
import { useDurationFormat } from './use-duration-format.ts';

/** Output up to this length is expanded by default. */
const MAX_OPEN_LINES = 8;

const icons = {
  running: <LoaderCircle className="size-4 animate-spin text-accent" />,
  completed: <Check className="size-4 text-accent" />,
  failed: <X className="size-4 text-bad" />,
  ended: <Unplug className="size-4 text-faint" />,
};

/** Tool call with its status, arguments, decision and output. The card of its approval has the command, if there is one. */
export function ToolStep({ item: { tool, decision, hasCard } }: { item: ToolItem }) {
  const t = useTranslations('tool');
  const id = useId();
  const formatDuration = useDurationFormat();
  const [userChoice, setUserChoice] = useState<boolean | null>(null);
  const { status, title, name, output, exitCode, durationMs } = tool;
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
          <VisibleText text={hasCard ? name : title || name} />
        </code>
        {exitCode !== undefined && exitCode !== 0 && (
          <span className="shrink-0 text-bad text-xs tabular-nums">{t('exit', { code: exitCode })}</span>
        )}
        {durationMs !== undefined && (
          <span className="shrink-0 text-faint text-xs tabular-nums">{formatDuration(durationMs)}</span>
        )}
        <ChevronRight className={`size-4 shrink-0 text-faint transition-transform ${open ? 'rotate-90' : ''}`} />
      </button>
      {decision && <DecisionLine step={decision} className="border-line border-t px-3 py-1.5" />}
      {open && (
        <div id={id} className="divide-y divide-line bg-sunken text-[0.8rem] not-empty:border-t not-empty:border-line">
          {tool.args && !hasCard && <Arguments json={tool.args} title={title} />}
          {(output || status !== 'running') && <Output text={output} isRunning={status === 'running'} />}
        </div>
      )}
    </div>
  );
}

/** Arguments that are not part of the title, as they were sent. */
function Arguments({ json, title }: { json: NonNullable<Step['args']>; title: string }) {
  const t = useTranslations('tool');
  const rest = listOtherArguments(json, title);
  if (rest.length === 0) return null;
  return (
    <dl aria-label={t('arguments')} className="grid grid-cols-[auto_1fr] gap-x-3 px-3 py-2">
      {rest.map(([key, value], index) => (
        <div key={index} className="contents">
          <dt className="text-faint">{key}</dt>
          <dd className="whitespace-break-spaces font-mono [overflow-wrap:anywhere]">
            <VisibleText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
