import type { ToolItem } from '@it0/client/tool/arrange-parts';
import { ChevronRight, ListChecks } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ToolStep } from './tool-step.tsx';
import { useDurationFormat } from './use-duration-format.ts';

/** Run of tool calls that is folded to one line until it is opened. */
export function ToolRun({ items }: { items: ToolItem[] }) {
  const t = useTranslations('tool');
  const id = useId();
  const formatDuration = useDurationFormat();
  const [open, setOpen] = useState(false);
  const failed = items.filter(({ tool }) => tool.status === 'failed').length;
  const totalMs = items.reduce((sum, { tool }) => sum + (tool.durationMs ?? 0), 0);
  return (
    <div data-testid="tool-run" className="flex flex-col gap-3">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex min-h-10 w-full items-center gap-2.5 rounded-lg border border-line px-3 py-1.5 text-left text-sm text-soft hover:bg-raised pointer-coarse:min-h-11"
      >
        <ListChecks className="size-4 text-faint" />
        <span className="flex-1">{t('run', { count: items.length })}</span>
        {failed > 0 && <span className="text-bad text-xs">{t('runFailed', { count: failed })}</span>}
        {totalMs > 0 && <span className="text-faint text-xs tabular-nums">{formatDuration(totalMs)}</span>}
        <ChevronRight className={`size-4 shrink-0 text-faint transition-transform ${open ? 'rotate-90' : ''}`} />
      </button>
      {open && (
        <div id={id} className="flex flex-col gap-3 border-line border-s-2 ps-3">
          {items.map((item) => (
            <ToolStep key={item.key} item={item} />
          ))}
        </div>
      )}
    </div>
  );
}
